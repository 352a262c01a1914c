import type { BindingAnswer, Bindings, Channel, NotFound } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { Clock } from '../clock.ts'
import { keepSealed } from '../request-id/sealed-reply.ts'
import type { Binding } from './binding.ts'
import { settleVerification } from './otp-verification.ts'
import { bindReply } from './replies.ts'
import {
  bindRequest,
  book,
  dropLost,
  type SettleDeps,
  type Settled,
  settleBind,
  settleUnlessGone,
  standing,
} from './settle.ts'
import { isAsked, isOpen, predecessorsOf } from './states.ts'
import { type DueBinding, lockBinding } from './store.ts'
import { judgeInquiry, type Verdict } from './verdict.ts'

export interface ReconcileDeps extends SettleDeps {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  /** Takes what is due. */
  readonly take: (now: number) => Promise<readonly DueBinding[]>
  readonly postpone: (binding: Binding, dueAt: number) => Promise<void>
  readonly inquiryTimeoutMs: number
  /** After the expiry of the wish the network gets this long, in milliseconds, for clocks that differ. */
  readonly expiryMarginMs: number
  readonly longestPauseMs: number
  /** How long the network may keep silent about a binding before it is given up, in milliseconds. */
  readonly giveUpMs: number
  readonly onSettled: (binding: Binding) => void
  readonly onFault: (error: unknown) => void
}

/** The network has said that it has this binding, and now says that it knows of none. */
class Forgotten extends Error {
  override readonly name = 'Forgotten'
}

/**
 * One pass over the bindings that are due: asks the network what became of them and books what it says. It sends no code, tries
 * none and never guesses. A binding whose cardholder's time is over ends here, once the network has said that it keeps no card.
 */
export async function reconcileBindings(deps: ReconcileDeps, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const due = signal?.aborted ? [] : await deps.take(deps.clock.now())
    await Promise.all(due.map((binding) => resolve(deps, binding).catch(deps.onFault)))
    if (due.length === 0) return
  }
}

async function resolve(deps: ReconcileDeps, due: DueBinding): Promise<void> {
  const cards = channelNamed(deps.channels, due.channel)?.bindings
  if (cards === undefined) return later(deps, due)
  const settled = await settle(deps, due, await inquire(deps, cards, due))
  if (settled === undefined) return
  if (settled.fault !== undefined) deps.onFault(settled.fault)
  if (settled.binding.state !== due.state) deps.onSettled(settled.binding)
}

function inquire(
  deps: ReconcileDeps,
  cards: Bindings,
  { referenceNo }: Binding,
): Promise<BindingAnswer | NotFound> {
  return cards.inquireBinding(referenceNo, deps.inquiryTimeoutMs)
}

async function settle(
  deps: ReconcileDeps,
  due: DueBinding,
  answer: BindingAnswer | NotFound,
): Promise<Settled | undefined> {
  if (answer.kind === 'not-found') {
    const isAcknowledged = due.networkReferenceNo !== undefined
    if (isAsked(due.state) && !isAcknowledged && isExpired(deps, due))
      return settleBind(deps, due, NEVER_HEARD_OF)
    if (isAcknowledged) deps.onFault(new Forgotten(due.referenceNo))
    return unclear(deps, due)
  }
  if (answer.kind === 'unresolved') return unclear(deps, due, answer)
  if (isAsked(due.state)) return settleBind(deps, due, answer)
  if (due.trying === undefined) return settleOpen(deps, due, answer)
  return settleVerification(deps, due, { step: due.step, attempt: due.trying, answer, isInquiry: true })
}

const NEVER_HEARD_OF: BindingAnswer = { kind: 'declined', outcome: 'timeout', networkCode: 'not-found' }

/** By our clock and by the database's: one alone may have jumped ahead, and what is in the air must not be given up. */
function isExpired({ clock, expiryMarginMs }: ReconcileDeps, { takenAt, expiresAt }: DueBinding): boolean {
  const databaseNow = takenAt + (clock.shiftMs?.() ?? 0)
  return Math.min(clock.now(), databaseNow) > expiresAt + expiryMarginMs
}

/** A code is out, or was: its life may have changed, or the time for it may be over. */
function settleOpen(deps: ReconcileDeps, due: DueBinding, answer: BindingAnswer): Promise<Settled> {
  return settleUnlessGone(answer, (heard) =>
    deps.transaction(async (sql) => {
      const before = await lockBinding(sql, due)
      const now = deps.clock.now()
      const verdict = judgeInquiry(heard, before.step, now)
      if (!isOpen(before.state) || verdict.state === 'verifying') {
        await dropLost(sql, deps, { before, verdict, now })
        return standing(before, verdict)
      }
      const isOver = isOpen(verdict.state) && now >= before.expiresAt
      const mayFollow = verdict.state === before.state || predecessorsOf(verdict.state).includes(before.state)
      // What the network says of a step that is behind us is no news.
      const told = mayFollow ? verdict : { ...verdict, state: before.state }
      return { binding: await book(sql, deps, { before, verdict: isOver ? TIME_IS_OVER : told, now }) }
    }),
  )
}

const TIME_IS_OVER: Verdict = { state: 'expired', outcome: 'otpLifetimeExpired', networkCode: undefined }

const SILENT: BindingAnswer = { kind: 'unresolved', cause: 'left open' }

/** A request whose process died before it could answer gets its 202 booked; a silence of a whole day is an end. */
async function unclear(
  deps: ReconcileDeps,
  due: DueBinding,
  answer: BindingAnswer = SILENT,
): Promise<Settled | undefined> {
  if (deps.clock.now() >= due.expiresAt + deps.giveUpMs) return giveUp(deps, due)
  if (due.state === 'submitted') return settleBind(deps, due, answer)
  if (due.trying !== undefined && due.inquiries <= 1)
    return settleVerification(deps, due, { step: due.step, attempt: due.trying, answer, isInquiry: true })
  await later(deps, due)
  return undefined
}

function giveUp(deps: ReconcileDeps, due: DueBinding): Promise<Settled> {
  return deps.transaction(async (sql) => {
    const before = await lockBinding(sql, due)
    if (before.state !== due.state) return { binding: before }
    const binding = await book(sql, deps, { before, verdict: TIME_IS_OVER, now: deps.clock.now() })
    if (isAsked(before.state))
      await keepSealed(sql, deps.vault, bindRequest(binding), bindReply(deps, binding))
    return { binding }
  })
}

/** Half as long again as before, so that a long silence costs few questions. */
async function later(deps: ReconcileDeps, due: DueBinding): Promise<void> {
  const pause = Math.min(deps.firstInquiryMs * 1.5 ** due.inquiries, deps.longestPauseMs)
  await deps.postpone(due, deps.clock.now() + pause)
}
