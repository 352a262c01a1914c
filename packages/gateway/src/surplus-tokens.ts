import {
  claimSurplusAlert,
  endSurplus,
  isCardPaying,
  postponeSurplus,
  takeDueSurplus,
} from './card-token/surplus/store.ts'
import type { DueSurplus } from './card-token/surplus/surplus-token.ts'
import type { DueWork } from './due-work.ts'
import type { Parts } from './gateway.ts'
import { openForgetter } from './unbinding/forgetter.ts'

/** What has the network forget the tokens that no kept card is paid with. */
export function openSurplusTokens(parts: Parts): DueWork {
  const { config, clock, vault, channels, database, metrics, log } = parts
  const { sql } = database
  const leaseMs = 2 * config.unbindingTimeoutMs + 3 * config.queryTimeoutMs
  return openForgetter({
    clock,
    vault,
    channels,
    most: config.unbindingBatch,
    timeoutMs: config.unbindingTimeoutMs,
    firstPauseMs: config.unbindingFirstPauseMs,
    longestPauseMs: config.unbindingLongestPauseMs,
    alertMs: config.unbindingGiveUpSeconds * 1000,
    take: (now, most) => takeDueSurplus(sql, now, { until: now + leaseMs, most }),
    isPaying: (token) => isCardPaying(sql, token),
    postpone: (token, delay) => postponeSurplus(sql, token, delay),
    end: (token, { state, networkCode }, at) =>
      endSurplus(sql, token, { isForgotten: state === 'completed', networkCode, at }),
    claimAlert: (token, at) => claimSurplusAlert(sql, token, at),
    onEnded: (token, { state, networkCode }) =>
      state === 'completed'
        ? log.note('surplus token forgotten', factsOf(token, { networkCode }))
        : alertKept(parts, token, { reason: 'refused', networkCode }),
    onSilence: (token) => alertKept(parts, token, { reason: 'no-answer', networkCode: undefined }),
    onFault(error) {
      metrics.countFault('surplus-token')
      log.fault('surplus-token', error)
    },
  })
}

function alertKept(
  { log, metrics }: Parts,
  token: DueSurplus,
  { reason, networkCode }: { readonly reason: string; readonly networkCode: string | undefined },
): void {
  metrics.countSurplusToken()
  log.alert('surplus token still kept', { ...factsOf(token, { networkCode }), reason })
}

function factsOf(
  { partnerId, referenceNo, tries }: DueSurplus,
  { networkCode }: { readonly networkCode: string | undefined },
) {
  return { partner: partnerId, referenceNo, tries, ...(networkCode && { networkCode }) }
}
