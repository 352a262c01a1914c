import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from './auth/authenticate.ts'
import { findCardToken } from './card-token/card-token.ts'
import { type DueWork, joinWorks } from './due-work.ts'
import type { Parts } from './gateway.ts'
import { newReferenceNo } from './payment/order.ts'
import { openSurplusTokens } from './surplus-tokens.ts'
import { awaitCode } from './unbinding/codes/await-code.ts'
import { openUnbindingCodes, type UnbindingCodes } from './unbinding/codes/codes.ts'
import { addUnbindingRoutes as addRoutes } from './unbinding/routes.ts'
import { settleUnbinding } from './unbinding/settle.ts'
import { postponeUnbinding, takeDueUnbindings } from './unbinding/store.ts'
import { openUnbinder } from './unbinding/unbinder.ts'
import type { DueUnbinding, Ending } from './unbinding/unbinding.ts'

export function addUnbindingRoutes(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  addRoutes(app, auth, requestDeps(parts))
}

/** What partners send about the codes of unbindings. */
export function openCodesOfUnbindings(auth: AuthDeps, parts: Parts): UnbindingCodes {
  return openUnbindingCodes({ ...requestDeps(parts), customerTokens: auth.customerTokens })
}

function requestDeps(parts: Parts) {
  const { clock, vault, channels, config, database, seams } = parts
  const { networkTimeoutMs, claimTimeoutMs, settleTimeoutMs } = config
  return {
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
  }
}

/** What tells the network about the unbindings that are due, and about tokens that no kept card is paid with. */
export function openUnbindings(parts: Parts): DueWork {
  return joinWorks([openUnbinderOf(parts), openSurplusTokens(parts)])
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
    awaitCode: (unbinding, sent) => database.transaction((sql) => awaitCode(sql, unbinding, sent)),
    settle: (unbinding, ending, at) =>
      database.transaction((sql) => settleUnbinding(sql, unbinding, ending, at)),
    onSettled: (unbinding, ending) => report(parts, unbinding, ending),
    onFault: faultOf(parts),
  })
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
  if (reason === 'expired' || reason === 'blocked') {
    // The customer's doing, and nobody's worry.
    log.note('unbinding not confirmed', { ...facts, reason })
    return
  }
  metrics.countFailedUnbinding()
  log.alert('unbinding failed', { ...facts, reason: reason ?? '' })
}
