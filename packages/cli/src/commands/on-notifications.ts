import type { ListedNotification, Notifications } from '@gerbang/gateway'
import type { CliConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { findCredentials } from '../credentials.ts'
import { openDemoTime } from '../demo/demo-time.ts'
import { usageFailure } from '../failure.ts'
import { askGateway } from './ask-gateway.ts'
import { onDatabase } from './on-database.ts'

/** Whose notifications. */
export interface NotificationPlace {
  readonly partner?: string
  readonly credentials?: string
}

/** Runs what needs the notifications of the gateway's database. @throws CommandFailure */
export function withNotifications<Result>(
  config: CliConfig,
  act: (notifications: Notifications) => Promise<Result>,
): Promise<Result> {
  return onDatabase(config, async (gateway, gatewayConfig) => {
    const notifications = gateway.openNotifications(gatewayConfig, openDemoTime(config))
    return act(notifications).finally(() => notifications.close())
  })
}

/** The partner that was named, else that of the credentials. @throws CommandFailure when there is neither */
export function partnerOf(config: CliConfig, { partner, credentials }: NotificationPlace): string {
  const partnerId = partner ?? findCredentials(config, credentials).clientId
  if (partnerId !== undefined) return partnerId
  throw usageFailure('Whose notification? --partner is needed.', 'npx gerbang partner list')
}

/** Finds by the gateway's number, and when there is nothing by the partner's own, which the gateway is asked for. */
export async function namedReference(
  { config }: Context,
  { reference, credentials }: NotificationPlace & { readonly reference?: string },
  find: (referenceNo: string | undefined) => Promise<readonly ListedNotification[]>,
): Promise<readonly ListedNotification[]> {
  const found = await find(reference)
  if (
    reference === undefined ||
    found.length > 0 ||
    findCredentials(config, credentials).baseUrl === undefined
  ) {
    return found
  }
  const asking = {
    command: 'notifications',
    subject: 'status',
    numbers: { partnerReferenceNo: reference },
    credentials,
  } as const
  const { originalReferenceNo } = await askGateway(config, asking, (client) =>
    client.status({ originalPartnerReferenceNo: reference }),
  )
  return originalReferenceNo === undefined ? found : find(originalReferenceNo)
}
