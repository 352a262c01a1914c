import { createPrivateKey } from 'node:crypto'
import { channelNamed } from './channels/index.ts'
import { customerTokensOf } from './customer-tokens.ts'
import { openDatabase, type Sql } from './database/pool.ts'
import type { Parts } from './gateway.ts'
import type { Loop } from './housekeeping.ts'
import { openCourier } from './notification/courier.ts'
import { openMerchantTokens } from './notification/merchant-tokens.ts'
import { openNotificationMetrics } from './notification/metrics.ts'
import { openPost, type Post } from './notification/post.ts'
import type { Outcome } from './notification/queue/ending.ts'
import { openEndingsWriter } from './notification/queue/endings-writer.ts'
import type { EndpointChange, Taken } from './notification/queue/store.ts'
import { relay } from './notification/relay.ts'
import { openTargetGuard } from './notification/target-guard.ts'
import { keepNotifications, measureBacklog } from './notification/upkeep/upkeep.ts'
import { openRecipients } from './partner/recipient.ts'

export interface Notifications {
  readonly loops: readonly Loop[]
  /** For when the loops have ended: waits a moment for what is under way, leaves the rest to others, and closes its connections. */
  close(): Promise<void>
}

/** Relaying, taking and writing do not wait for each other. */
const CONNECTIONS = 3
const EVENTS_AT_ONCE = 500
const FIRST_PAUSE_MS = 2_000
const LEASE_MARGIN_MS = 2_000
/** An attempt asks for a token and sends, and does both once more when the token was refused. */
const REQUESTS_OF_ATTEMPT = 4
const MEASURE_EVERY_MS = 15_000
const UPKEEP_EVERY_MS = 600_000
const LAST_WAIT_MS = 3_000
const DAY_MS = 86_400_000

/** Telling partners what happened: from the outbox to their URLs, in every process of the gateway. */
export function openNotificationLoops(parts: Parts, signal: AbortSignal): Notifications {
  const { config, clock, log } = parts
  const database = openDatabase({
    url: config.databaseUrl.reveal(),
    connections: CONNECTIONS,
    timeoutMs: config.queryTimeoutMs,
    onFault: faultsOf(parts, 'pool'),
  })
  const { sql } = database
  const metrics = openNotificationMetrics(parts.metrics.registry)
  const post = openPartnerPost(parts)
  const courier = openPartnerCourier(parts, { sql, post, onOutcome: tell(parts, metrics) })
  const now = () => clock.now()

  return {
    loops: [
      {
        where: 'relay',
        everyMs: config.notifyEveryMs,
        pass: () =>
          relay(
            {
              database,
              now,
              most: EVENTS_AT_ONCE,
              onQuarantined: ({ partnerId, referenceNo, reason }) => {
                metrics.countGivenUp()
                log.note('notification given up', { partner: partnerId, referenceNo, reason: String(reason) })
              },
            },
            signal,
          ),
      },
      { where: 'notify', everyMs: config.notifyEveryMs, pass: () => courier.pass(signal) },
      { where: 'backlog', everyMs: MEASURE_EVERY_MS, pass: () => measureBacklog(sql, now(), metrics) },
      upkeepLoop(parts, sql, signal),
    ],
    async close() {
      const ended = courier.idle()
      await Promise.race([ended, clock.sleep(LAST_WAIT_MS)])
      post.abort()
      await ended
      await post.close()
      await database.close()
    },
  }
}

function upkeepLoop({ config, clock, log }: Parts, sql: Sql, signal: AbortSignal): Loop {
  const options = {
    sql,
    clock,
    expiryMs: config.notifyExpirySeconds * 1000,
    keepMs: config.notifyDays * DAY_MS,
    onGivenUp: (count: number) => log.note('notifications given up: their endpoint stayed down', { count }),
  }
  return { where: 'upkeep', everyMs: UPKEEP_EVERY_MS, pass: () => keepNotifications(options, signal) }
}

function openPartnerPost({ config, log, seams }: Parts): Post {
  if (config.notifyAllow.length > 0)
    log.note('private targets of notifications are allowed', { allow: config.notifyAllow.join(',') })
  const mode = config.mode === 'demo' ? 'demo' : 'live'
  const guardFor = (allow: readonly string[]) =>
    openTargetGuard({ mode, allow, ...(seams.resolve && { resolve: seams.resolve }) })
  return openPost({
    guard: guardFor(config.notifyAllow),
    // The list is there for URLs that an operator has looked at. What a request brings may be anything behind our firewall.
    requestGuard: guardFor(mode === 'live' ? [] : config.notifyAllow),
    connectTimeoutMs: config.notifyConnectTimeoutMs,
    timeoutMs: config.notifyTimeoutMs,
    connections: config.notifyEndpointAtOnce,
  })
}

function openPartnerCourier(
  parts: Parts,
  { sql, post, onOutcome }: { sql: Sql; post: Post; onOutcome: ReturnType<typeof tell> },
) {
  const { config, clock, vault, channels } = parts
  const signingKey = createPrivateKey(config.signingKeyFile.reveal())
  const onFault = faultsOf(parts, 'notify')
  const customerTokens = customerTokensOf(parts)
  return openCourier({
    clock,
    sql,
    vault,
    recipients: openRecipients({ sql, vault, clock, keepMs: config.partnerKeepMs }),
    profileOf: (name) => channelNamed(channels, name)?.profile,
    customerTokenOf: ({ partnerId: clientId, accountId }, expiresAt) =>
      customerTokens.accessToken({ clientId, accountId }, expiresAt),
    attempt: { post, tokens: openMerchantTokens({ post, signingKey, clock }), signingKey, clock },
    endings: openEndingsWriter({
      sql,
      clock,
      offsets: config.notifyRetries.map((seconds) => Number(seconds) * 1000),
      rule: {
        after: config.notifyPauseAfter,
        firstMs: FIRST_PAUSE_MS,
        longestMs: config.notifyLongestPauseMs,
      },
      onEndpoint: (change) => parts.log.note(...endpointLine(change)),
      onFault,
    }),
    atOnce: config.notifyAtOnce,
    endpointAtOnce: config.notifyEndpointAtOnce,
    leaseMs: REQUESTS_OF_ATTEMPT * config.notifyTimeoutMs + LEASE_MARGIN_MS,
    everyMs: config.notifyEveryMs,
    onOutcome,
    onFault,
  })
}

/** One line for each attempt and for each that will not be attempted any more. */
function tell({ log }: Parts, metrics: ReturnType<typeof openNotificationMetrics>) {
  return (taken: Taken, outcome: Outcome): void => {
    const names = { partner: taken.partnerId, referenceNo: taken.referenceNo, kind: taken.kind }
    if (outcome.kind === 'impossible') {
      metrics.countGivenUp()
      log.note('notification given up', { ...names, reason: outcome.reason })
    }
    if (outcome.kind !== 'attempted') return
    const { attempted, latencyMs } = outcome
    const result = attempted.isDelivered ? 'delivered' : 'failed'
    metrics.countAttempt(result, latencyMs / 1000)
    log.note('notification', {
      ...names,
      attempt: taken.isResend ? 'resend' : taken.attempts + 1,
      result,
      ms: Math.round(latencyMs),
      ...(attempted.status !== undefined && { status: attempted.status }),
      ...(attempted.reason !== undefined && { reason: attempted.reason }),
    })
  }
}

function endpointLine({
  partnerId,
  endpoint,
  pauses,
}: EndpointChange): [string, Record<string, string | number>] {
  const facts = { partner: partnerId, endpoint }
  return pauses > 0 ? ['endpoint is left in peace', { ...facts, pauses }] : ['endpoint is back', facts]
}

function faultsOf({ log, metrics }: Parts, where: string) {
  return (error: unknown): void => {
    metrics.countFault(where)
    log.fault(where, error)
  }
}
