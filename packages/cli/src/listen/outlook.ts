import { formatTimestamp } from '@gerbang/snap/timestamp'
import { withPartners } from '../commands/on-database.ts'
import { withNotifications } from '../commands/on-notifications.ts'
import type { CliConfig } from '../config.ts'
import { LISTEN_PATHS } from './places.ts'

const MOST = 1_000

/**
 * What a listener wants to know at its start: what waits for it, and whether the gateway calls it at all. Nothing, where the
 * gateway's database is not at hand: one may listen from anywhere.
 */
export async function outlook(config: CliConfig, clientId: string, url: string): Promise<readonly string[]> {
  try {
    return [...(await waiting(config, clientId)), ...(await elsewhere(config, clientId, url))]
  } catch {
    return []
  }
}

function waiting(config: CliConfig, partnerId: string): Promise<readonly string[]> {
  return withNotifications(config, async (notifications) => {
    const [pending, givenUp] = await Promise.all([
      notifications.list({ partnerId, state: 'pending', most: MOST }),
      notifications.list({ partnerId, state: 'given-up', most: MOST }),
    ])
    const next = pending.flatMap(({ nextAttemptAt }) =>
      nextAttemptAt === null ? [] : [nextAttemptAt.getTime()],
    )
    return [
      ...(next.length > 0
        ? [
            `${counted(next.length)} not arrived and will be sent again, the first at ${formatTimestamp(Math.min(...next))}.`,
          ]
        : []),
      ...(givenUp.length > 0
        ? [`${counted(givenUp.length)} been given up. Next: npx gerbang resend --failed-since 30d`]
        : []),
    ]
  })
}

function counted(count: number): string {
  const number = count === MOST ? `${MOST} or more` : String(count)
  return count === 1 ? '1 notification has' : `${number} notifications have`
}

function elsewhere(config: CliConfig, partnerId: string, url: string): Promise<readonly string[]> {
  return withPartners(config, async (partners) => {
    const isKnown = (await partners.list()).some((line) => line.partnerId === partnerId)
    if (!isKnown) return []
    const urls = await partners.urls(partnerId)
    const place = urls.find(({ purpose }) => purpose === 'notification')?.url
    if (place?.startsWith(`${url}/`)) return []
    return [
      `The gateway tells ${partnerId} ${place === undefined ? 'nowhere' : `at ${place}`}, not here. Next: npx gerbang partner set ${partnerId} --notification-url ${url}${LISTEN_PATHS.notification} --binding-url ${url}${LISTEN_PATHS.binding} --token-url ${url}${LISTEN_PATHS.token}`,
    ]
  })
}
