import { type OutcomeName, SnapError } from '@gerbang/snap'
import type { BindingAnswer, Channel } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { Sql } from '../database/pool.ts'
import type { StoredReply } from '../reply.ts'
import { type AskedRequest, claimOrReplay, keepSealed } from '../request-id/sealed-reply.ts'
import type { Secret } from '../secret.ts'
import { type Attempt, findAttempt, markWrong, writeAttempt } from './attempts/store.ts'
import { type Binding, type BindingName, type BindingStep, MOST_ATTEMPTS } from './binding.ts'
import { verificationReply } from './replies.ts'
import { book, type SettleDeps, type Settled, settleUnlessGone, standing } from './settle.ts'
import { STATES } from './states.ts'
import { lockBinding, updateBinding } from './store.ts'
import { judgeInquiry, judgeVerification, saysWrong, type Verdict } from './verdict.ts'

export interface VerifyDeps extends SettleDeps {
  readonly channels: readonly Channel[]
  readonly networkTimeoutMs: number
  /** When a verification is looked after if its request cannot, in milliseconds from the claim. */
  readonly longestRequestMs: number
}

/** A code that somebody tries on a binding; a hosted page has no request id. */
export interface Trial {
  readonly name: BindingName
  /** `otp` unless said. */
  readonly step?: BindingStep
  readonly code: Secret
  readonly request?: AskedRequest
}

export interface VerificationAnswer extends Settled {
  readonly outcome: OutcomeName
  readonly reply: StoredReply
}

/**
 * Service 04, and the PIN of the hosted page. The attempt is written down before the network is asked about the code, so that no
 * number of processes tries more than `MOST_ATTEMPTS`. Throws SnapError for what needs no network: a binding that is not waiting for a code, a dead code, a code that is
 * known to be wrong, a used request id.
 */
export async function otpVerification(deps: VerifyDeps, trial: Trial): Promise<VerificationAnswer> {
  const claimed = await deps.transaction((sql) => claimAttempt(sql, deps, trial))
  if ('reply' in claimed) {
    return { binding: claimed.binding, outcome: 'conflict', reply: claimed.reply }
  }
  const { binding, attempt } = claimed
  const { step } = binding
  const answer = await ask(deps, binding, { attempt, code: trial.code })
  return settleVerification(deps, binding, { step, attempt, answer }).catch((fault) => ({
    binding,
    outcome: 'requestInProgress' as const,
    reply: verificationReply(deps, binding, 'requestInProgress'),
    fault,
  }))
}

type Claimed =
  | { readonly binding: Binding; readonly attempt: number }
  | { readonly binding: Binding; readonly reply: StoredReply }

async function claimAttempt(sql: Sql, deps: VerifyDeps, trial: Trial): Promise<Claimed> {
  const { name, step = 'otp', request } = trial
  const { referenceNo } = name
  const reply = request && (await claimOrReplay(sql, deps.vault, { ...request, referenceNo }))
  const binding = await lockBinding(sql, name)
  if (reply !== undefined) return { binding, reply }
  const now = deps.clock.now()
  refuseUnlessOpen(binding, step, now)
  const otpLookup = lookupOf(deps, binding, trial.code)
  const known = await findAttempt(sql, name, { step, otpLookup })
  if (known?.isWrong) throw new SnapError('invalidOtp')
  if (known === undefined && binding.attempts >= MOST_ATTEMPTS[step]) throw new SnapError('otpBlocked')
  // A code whose answer was lost is asked about under the same number, and the network counts it once.
  const attempt = known?.attempt ?? binding.attempts + 1
  // The request's own time says on which day its reply belongs: between the two a day may have ended.
  const triedAt = request?.claimedAt ?? now
  await writeAttempt(sql, name, { step, attempt, otpLookup, externalId: request?.externalId, triedAt })
  const verifying: Binding = {
    ...binding,
    state: 'verifying',
    trying: attempt,
    attempts: Math.max(binding.attempts, attempt),
    dueAt: now + deps.longestRequestMs,
    inquiries: 0,
  }
  await updateBinding(sql, verifying)
  return { binding: verifying, attempt }
}

/** A new code has a life of its own: what was wrong before may be right now. A PIN stays what it is. */
function lookupOf({ vault }: VerifyDeps, binding: Binding, code: Secret): Buffer {
  const { partnerId, referenceNo, step, resends } = binding
  const life = step === 'otp' ? resends : 'pin'
  return vault.digest(step, `${partnerId}|${referenceNo}|${life}|${code.reveal()}`)
}

function refuseUnlessOpen(binding: Binding, step: BindingStep, now: number): void {
  const { ofCode } = STATES[binding.state]
  const isAtPin = step === 'pin' && binding.state === 'pin_wanted'
  if (!isAtPin && ofCode !== undefined) throw new SnapError(ofCode)
  if (step !== binding.step) throw new SnapError('invalidTransactionStatus')
  if (now >= Math.min(binding.otpExpiresAt ?? Number.POSITIVE_INFINITY, binding.expiresAt))
    throw new SnapError('otpLifetimeExpired')
}

function ask(
  { channels, networkTimeoutMs }: VerifyDeps,
  { channel, referenceNo, step }: Binding,
  { attempt, code }: { attempt: number; code: Secret },
): Promise<BindingAnswer> {
  const cards = channelNamed(channels, channel)?.bindings
  if (cards === undefined) throw new Error('The channel of a binding keeps no cards')
  return cards.verifyOtp({ referenceNo, step, attempt, code }, networkTimeoutMs)
}

/** What the network said, and about which attempt; of an inquiry it is not known whether the code was heard at all. */
export interface Heard {
  readonly step: BindingStep
  readonly attempt: number
  readonly answer: BindingAnswer
  readonly isInquiry?: boolean
}

/** Books the answer about a code: state, event, kept card and stored reply in one commit. Safe to repeat. */
export function settleVerification(
  deps: SettleDeps,
  name: BindingName,
  heard: Heard,
): Promise<VerificationAnswer> {
  return settleUnlessGone(heard.answer, (answer) =>
    deps.transaction(async (sql) => {
      const before = await lockBinding(sql, name)
      const verdict = verdictOf(before, { ...heard, answer }, deps.clock.now())
      if (verdict.isWrong) await markWrong(sql, name, heard)
      const isMine =
        before.state === 'verifying' && before.step === heard.step && before.trying === heard.attempt
      const settled =
        isMine || verdict.state === 'active'
          ? { binding: await book(sql, deps, { before, verdict, now: deps.clock.now() }) }
          : standing(before, verdict)
      const outcome = outcomeOf(settled.binding, verdict)
      const reply = verificationReply(deps, settled.binding, outcome)
      const attempt = await findAttempt(sql, name, { step: heard.step, attempt: heard.attempt })
      const request = attempt && requestOf(name, attempt)
      const told = request === undefined ? reply : await keepSealed(sql, deps.vault, request, reply)
      return { ...standing(settled.binding, verdict), outcome, reply: told }
    }),
  )
}

interface CodeVerdict extends Verdict {
  readonly isWrong: boolean
}

function verdictOf(binding: Binding, { step, answer, isInquiry }: Heard, now: number): CodeVerdict {
  if (isInquiry) return { ...judgeInquiry(answer, step, now), isWrong: false }
  const verdict = judgeVerification(answer, step, now)
  const isWrong = saysWrong(answer, step)
  const isLast = verdict.outcome === 'invalidOtp' && binding.attempts >= MOST_ATTEMPTS[step]
  return isLast ? { ...verdict, state: 'blocked', outcome: 'otpBlocked', isWrong } : { ...verdict, isWrong }
}

/** A kept card answers for itself, whoever booked it. */
function outcomeOf(binding: Binding, verdict: Verdict): OutcomeName {
  if (binding.state === 'active') return 'successful'
  return verdict.outcome === 'successful' ? (binding.outcome ?? 'requestInProgress') : verdict.outcome
}

function requestOf({ partnerId }: BindingName, { externalId, triedAt }: Attempt) {
  if (externalId === undefined) return undefined
  return { partnerId, operation: 'otp-verification', externalId, claimedAt: triedAt } as const
}
