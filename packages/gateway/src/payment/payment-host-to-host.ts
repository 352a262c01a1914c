import { type OutcomeName, SnapError } from '@gerbang/snap'
import type { Channel, ChannelAnswer } from '../channels/channel.ts'
import type { ChargeSource } from '../channels/charge-source.ts'
import type { Clock } from '../clock.ts'
import { repeatedReply, type StoredReply } from '../reply.ts'
import type { Secret } from '../secret.ts'
import { eventOf } from './events.ts'
import type { OpenPayment, Order, SealedCard } from './payment.ts'
import { isFinal } from './states.ts'
import type { ClaimAnswer, Settled, Settlement } from './store.ts'
import { judge, replyOf, type Verdict } from './verdict.ts'

/** Everything outside that a payment needs. A test replaces one of these and nothing else. */
export interface PaymentDeps {
  readonly clock: Clock
  readonly claim: (order: Order) => Promise<ClaimAnswer>
  readonly settle: (settlement: Settlement) => Promise<Settled>
  /** Opens the network's token of a kept card. Throws when it has been forgotten. */
  readonly openCard: (order: Order, card: SealedCard) => Secret
  /** How long the network may take, in milliseconds, before the partner is told that the payment is in progress. */
  readonly networkTimeoutMs: number
  /** When the reconciler asks first about a payment that was left open, in milliseconds from now. */
  readonly firstInquiryMs: number
}

export interface PaymentAnswer {
  readonly reply: StoredReply
  readonly state: string
  /**
   * Why the verdict could not be booked: the reply is then "in progress" and the reconciler finds the truth. Or a
   * Contradiction, which no machine resolves. Or why a card could not be kept.
   */
  readonly fault?: unknown
}

/**
 * Service 54. The claim is committed before the network hears of the payment, and no transaction is open while the
 * network thinks: a crash on any line leaves a row that reconciliation can finish.
 *
 * Throws SnapError `conflict`, `duplicatePartnerReferenceNo` or `inconsistentRequest` when the claim is not ours.
 */
export async function paymentHostToHost(
  deps: PaymentDeps,
  channel: Pick<Channel, 'charge' | 'profile'>,
  order: Order,
): Promise<PaymentAnswer> {
  const claimed = await claimInTurn(deps, order)
  if (claimed.kind === 'replay') return { reply: repeatedReply(claimed.reply.text), state: 'replay' }
  if (claimed.kind !== 'claimed') throw new SnapError(refusalOf(order, claimed.kind))

  const answer = await ask(deps, channel, { order, card: claimed.card })
  return settleAnswer(deps, order.payment, judge(answer, channel.profile.silence)).catch((fault) =>
    inProgress(order.payment, fault),
  )
}

const REFUSALS = {
  busy: 'conflict',
  running: 'conflict',
  'other-body': 'conflict',
  'duplicate-reference': 'duplicatePartnerReferenceNo',
  'inconsistent-reference': 'inconsistentRequest',
  'unknown-card': 'invalidCard',
  'inactive-card': 'inactiveCard',
  'other-card': 'inconsistentRequest',
} as const

/** A customer's token that was good a moment ago is told as a token. */
function refusalOf({ source }: Order, kind: keyof typeof REFUSALS): OutcomeName {
  const isCustomers = source.kind === 'token' && source.isCustomers === true
  return isCustomers && kind.endsWith('-card') ? 'invalidCustomerToken' : REFUSALS[kind]
}

const BUSY_PAUSE_MS = 2
const BUSY_LIMIT_MS = 2_000

/** A twin of this request is being committed at this moment: its result is known in a few milliseconds. */
async function claimInTurn(deps: PaymentDeps, order: Order): Promise<ClaimAnswer> {
  const until = deps.clock.now() + BUSY_LIMIT_MS
  for (;;) {
    const claimed = await deps.claim(order)
    if (claimed.kind !== 'busy' || deps.clock.now() >= until) return claimed
    await deps.clock.sleep(BUSY_PAUSE_MS)
  }
}

/** What is not on disk is not said: neither a yes nor a no of the network may be told before it is booked. */
function inProgress(payment: OpenPayment, fault: unknown): PaymentAnswer {
  return { reply: replyOf(payment, 'requestInProgress'), state: 'submitted', fault }
}

/** A process that was held up since its claim must not charge what the reconciler may have given up meanwhile. */
async function ask(
  deps: PaymentDeps,
  channel: Pick<Channel, 'charge'>,
  { order, card }: { order: Order; card: SealedCard | undefined },
): Promise<ChannelAnswer> {
  if (deps.clock.now() >= order.payment.expiresAt)
    return { kind: 'unresolved', cause: 'expired before it was sent' }
  const source = chargeSource(deps, order, card)
  // Nothing was sent, and that is a clear no.
  if (source === undefined) return { kind: 'declined', outcome: 'generalError', networkCode: 'sealed' }
  return channel.charge({ ...order.instruction, source }, deps.networkTimeoutMs)
}

/** Undefined when the kept card cannot be opened: the vault has lost the key that it was sealed under. */
function chargeSource(
  deps: PaymentDeps,
  order: Order,
  card: SealedCard | undefined,
): ChargeSource | undefined {
  const { source } = order
  if (source.kind !== 'token') return source
  if (card === undefined) return undefined
  const { oneTimeToken, isRecurring, canAskPin, paidWith } = source
  try {
    const networkToken = deps.openCard(order, card)
    const asked = { ...(canAskPin && { canAskPin }), ...(paidWith && { paidWith }) }
    return { kind: 'token', networkToken, oneTimeToken, isRecurring, ...asked }
  } catch {
    return undefined
  }
}

/** Books the verdict and answers with what is booked, which is another's word when another came first. */
export async function settleAnswer(
  deps: Pick<PaymentDeps, 'clock' | 'settle' | 'firstInquiryMs'>,
  payment: OpenPayment,
  verdict: Verdict,
): Promise<PaymentAnswer> {
  const now = deps.clock.now()
  const settled = await deps.settle({
    payment,
    verdict,
    reply: replyOf(payment, verdict.outcome),
    event: eventOf(payment, verdict, now),
    now,
    dueAt: now + deps.firstInquiryMs,
  })
  if (settled.reply === undefined) throw new Error('A settled payment has no stored reply')
  const { reply, state, fault, isCalledOff } = settled
  const isPaidBefore = isCalledOff && state === 'reversed' && verdict.state === 'paid'
  const isContradicted = isFinal(state) && isFinal(verdict.state) && state !== verdict.state && !isPaidBefore
  return {
    reply,
    state,
    ...(fault !== undefined && { fault }),
    ...(isContradicted && { fault: new Contradiction(`${verdict.state} after ${state}`) }),
  }
}

/** The network gave another final word than the one that is booked: money and books differ until a person has looked. */
class Contradiction extends Error {
  override readonly name = 'Contradiction'
}
