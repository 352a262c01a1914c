import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from './auth/authenticate.ts'
import { findCardToken } from './card-token/card-token.ts'
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
import { newReferenceNo } from './payment/order.ts'
import { openForgetter } from './unbinding/forgetter.ts'
import { addUnbindingRoutes as addRoutes } from './unbinding/routes.ts'
import { settleUnbinding } from './unbinding/settle.ts'
import { postponeUnbinding, takeDueUnbindings } from './unbinding/store.ts'
import { openUnbinder } from './unbinding/unbinder.ts'
import type { DueUnbinding, Ending } from './unbinding/unbinding.ts'

export function addUnbindingRoutes(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  const { clock, vault, channels, config, database, seams } = parts
  const { networkTimeoutMs, claimTimeoutMs, settleTimeoutMs } = config
  addRoutes(app, auth, {
    clock,
    vault,
    channels,
    database,
    newReferenceNo: seams.newReferenceNo ?? newReferenceNo,
    timeoutMs: networkTimeoutMs,
    // An open one is asked about before it is asked for.
    leaseMs: claimTimeoutMs + 2 * networkTimeoutMs + settleTimeoutMs,
    firstPauseMs: config.unbindingFirstPauseMs,
    onFault: faultOf(parts),
  })
}

/** What tells the network about all that it is to forget: what was unbound, and tokens that no kept card is paid with. */
export function openUnbindings(parts: Parts): DueWork {
  const works = [openUnbinderOf(parts), openForgetterOf(parts)]
  return {
    async pass(signal) {
      await Promise.all(works.map((work) => work.pass(signal)))
    },
    async idle() {
      await Promise.all(works.map((work) => work.idle()))
    },
  }
}

function openUnbinderOf(parts: Parts): DueWork {
  const { config, clock, vault, channels, database } = parts
  const leaseMs = 2 * config.unbindingTimeoutMs + 3 * config.queryTimeoutMs
  return openUnbinder({
    clock,
    vault,
    channels,
    most: config.unbindingBatch,
    timeoutMs: config.unbindingTimeoutMs,
    firstPauseMs: config.unbindingFirstPauseMs,
    longestPauseMs: config.unbindingLongestPauseMs,
    giveUpMs: config.unbindingGiveUpSeconds * 1000,
    take: (now, most) => takeDueUnbindings(database.sql, now, { until: now + leaseMs, most }),
    findCard: ({ partnerId, bankCardToken }) => findCardToken(database.sql, partnerId, bankCardToken),
    postpone: (unbinding, until) => postponeUnbinding(database.sql, unbinding, until),
    settle: (unbinding, ending, at) =>
      database.transaction((sql) => settleUnbinding(sql, unbinding, ending, at)),
    onSettled: (unbinding, ending) => report(parts, unbinding, ending),
    onFault: faultOf(parts),
  })
}

function openForgetterOf(parts: Parts): DueWork {
  const { config, clock, vault, channels, database } = parts
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
        ? parts.log.note('surplus token forgotten', factsOf(token, { networkCode }))
        : alertKept(parts, token, { reason: 'refused', networkCode }),
    onSilence: (token) => alertKept(parts, token, { reason: 'no-answer', networkCode: undefined }),
    onFault: faultOf(parts),
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

function faultOf({ metrics, log }: Parts): (error: unknown) => void {
  return (error) => {
    metrics.countFault('unbinding')
    log.fault('unbinding', error)
  }
}

function report({ log, metrics }: Parts, unbinding: DueUnbinding, ending: Ending): void {
  const { partnerId, referenceNo, tries } = unbinding
  const { state, reason, networkCode } = ending
  const facts = { partner: partnerId, referenceNo, tries, ...(networkCode && { networkCode }) }
  if (state === 'completed') {
    log.note('unbinding completed', facts)
    return
  }
  metrics.countFailedUnbinding()
  log.alert('unbinding failed', { ...facts, reason: reason ?? '' })
}
