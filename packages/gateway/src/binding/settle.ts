import {
  type CardToKeep,
  CardTokenGone,
  dropNetworkToken,
  keepCard,
  keepOwned,
} from '../card-token/card-token.ts'
import type { BindingAnswer } from '../channels/channel.ts'
import type { Clock } from '../clock.ts'
import type { Database, Sql } from '../database/pool.ts'
import { writeEvent } from '../outbox/outbox.ts'
import { keepSealed } from '../request-id/sealed-reply.ts'
import { Secret } from '../secret.ts'
import { forgetPins } from './attempts/store.ts'
import { type Binding, type BindingName, isTaken, TAKEN } from './binding.ts'
import { eventOf } from './events.ts'
import { bindReply, type ReplyDeps } from './replies.ts'
import { isAsked, isLost, isOpen, isPending, predecessorsOf } from './states.ts'
import { lockBinding, updateBinding } from './store.ts'
import { BIND_OPERATIONS } from './traits.ts'
import { judge, type Verdict } from './verdict.ts'

export interface SettleDeps extends ReplyDeps {
  readonly clock: Clock
  readonly transaction: Database['transaction']
  /** When the network is asked first about a binding that was left open, in milliseconds from now. */
  readonly firstInquiryMs: number
  /** How long the cardholder has after a code was sent, in milliseconds. */
  readonly sessionMs: number
}

/** The network gave a word that contradicts a final one that is booked: it keeps a card and we do not. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction'
}

/** What stands, and what a person has to look at. */
export interface Settled {
  readonly binding: Binding
  readonly fault?: unknown
}

/**
 * Books the answer to the wish to keep a card: state, event, kept card and stored reply in one commit. What another booked first
 * stands. Safe to repeat.
 */
export function settleBind(deps: SettleDeps, name: BindingName, answer: BindingAnswer): Promise<Settled> {
  return settleUnlessGone(answer, (heard) =>
    deps.transaction(async (sql) => {
      const before = await lockBinding(sql, name)
      const now = deps.clock.now()
      const verdict = judge(heard, now)
      if (!isAsked(before.state)) {
        await dropLost(sql, deps, { before, verdict, now })
        return standing(before, verdict)
      }
      const binding = await book(sql, deps, { before, verdict, now })
      await keepSealed(sql, deps.vault, bindRequest(binding), bindReply(deps, binding))
      return { binding }
    }),
  )
}

/** A card that is being unbound at this moment cannot be kept: that is no answer yet, and the network is asked again later. */
export async function settleUnlessGone<Result>(
  answer: BindingAnswer,
  settle: (answer: BindingAnswer) => Promise<Result>,
): Promise<Result> {
  try {
    return await settle(answer)
  } catch (error) {
    if (!(error instanceof CardTokenGone)) throw error
    return settle({ kind: 'unresolved', cause: 'the card is being unbound' })
  }
}

export function bindRequest({ partnerId, kind, externalId, createdAt }: Binding) {
  return { partnerId, operation: BIND_OPERATIONS[kind], externalId, claimedAt: createdAt } as const
}

/** What is booked already, when an answer comes too late to change it. */
export function standing(binding: Binding, verdict: Verdict): Settled {
  const isContradicted = verdict.state === 'active' && isLost(binding.state) && !isTaken(binding)
  return { binding, ...(isContradicted && { fault: new Contradiction(`bound after ${binding.state}`) }) }
}

export interface Booking {
  readonly before: Binding
  readonly verdict: Verdict
  /** Epoch milliseconds. */
  readonly now: number
}

/** Whoever was bound first has the account: the network's yes to the next customer is worth nothing here. */
const OF_ANOTHER = {
  state: 'failed',
  outcome: 'transactionNotPermitted',
  networkCode: TAKEN,
} as const satisfies Verdict

/** Writes what the verdict makes of the locked binding, with its card and its event. A state that may not follow stays. */
export async function book(sql: Sql, deps: SettleDeps, booking: Booking): Promise<Binding> {
  const { before, verdict, now } = booking
  const mayFollow = verdict.state === before.state || predecessorsOf(verdict.state).includes(before.state)
  if (!isPending(before.state) || !mayFollow) {
    await dropLost(sql, deps, booking)
    return before
  }
  const binding = verdict.state === 'active' ? await keep(sql, deps, booking) : move(deps, booking)
  await updateBinding(sql, binding)
  if (binding.step === 'pin' && !isPending(binding.state)) await forgetPins(sql, binding)
  const event = eventOf(binding, now)
  if (event !== undefined) await writeEvent(sql, event)
  return binding
}

/** What the network keeps for a binding that is lost, it is told to forget: nobody pays with it. */
export async function dropLost(
  sql: Sql,
  { vault }: Pick<SettleDeps, 'vault'>,
  { before, verdict, now: at }: Booking,
): Promise<void> {
  const { networkToken } = verdict
  if (networkToken !== undefined && isLost(before.state))
    await dropNetworkToken(sql, vault, { ...before, networkToken, at })
}

/** The binding as it follows from the verdict; its token is not in it yet. */
function move({ firstInquiryMs, sessionMs }: SettleDeps, { before, verdict, now }: Booking): Binding {
  const { state, networkCode, networkReferenceNo, otpExpiresAt } = verdict
  const heard: Binding = {
    ...before,
    state,
    networkCode: networkCode ?? before.networkCode,
    networkReferenceNo: networkReferenceNo ?? before.networkReferenceNo,
    otpExpiresAt: otpExpiresAt ?? before.otpExpiresAt,
    trying: state === 'verifying' ? before.trying : undefined,
  }
  if (!isPending(state)) {
    return {
      ...heard,
      outcome: isLost(state) ? verdict.outcome : undefined,
      sequence: before.sequence + 1,
      cardSealed: undefined,
      dueAt: undefined,
      settledAt: now,
    }
  }
  if (!isOpen(state)) return { ...heard, dueAt: now + firstInquiryMs }
  const expiresAt = isAsked(before.state) ? now + sessionMs : before.expiresAt
  const waiting = { ...heard, expiresAt, dueAt: expiresAt, inquiries: 0 }
  if (state === 'otp_wanted') return waiting
  if (state === 'otp_sent') return { ...waiting, otpSentAt: before.otpSentAt ?? before.createdAt }
  return before.step === 'pin' ? waiting : { ...waiting, step: 'pin', attempts: 0, otpExpiresAt: undefined }
}

/** The binding with what is kept; one of an account that another customer has come to have ends, and its token with it. */
async function keep(sql: Sql, deps: SettleDeps, booking: Booking): Promise<Binding> {
  const { before } = booking
  const given = cardOf(deps, booking)
  if (before.kind === 'card')
    return { ...move(deps, booking), bankCardToken: await keepCard(sql, deps.vault, given) }
  const bankCardToken = await keepOwned(sql, deps.vault, given)
  if (bankCardToken !== undefined) return { ...move(deps, booking), bankCardToken }
  await dropNetworkToken(sql, deps.vault, { ...before, networkToken: given.networkToken, at: booking.now })
  return move(deps, { ...booking, verdict: OF_ANOTHER })
}

function cardOf({ vault }: SettleDeps, { before, verdict, now }: Booking): CardToKeep {
  const { partnerId, channel, cardSealed, cardLookup: lookup, issuerNumber, lastFour } = before
  if (cardSealed === undefined || verdict.networkToken === undefined)
    throw new Error('A binding without its card or its token cannot be kept')
  const cardNumber = new Secret(vault.open(cardSealed, cardContext(before)))
  const { networkToken } = verdict
  const identity = { lookup, issuerNumber, lastFour }
  return { partnerId, channel, cardNumber, identity, networkToken, at: now }
}

export function cardContext({ partnerId, referenceNo }: BindingName): string {
  return `${partnerId}|${referenceNo}|card`
}
