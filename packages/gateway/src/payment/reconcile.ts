import type { Channel, ChannelAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import { openInquiries, type Patience } from '../channels/inquiries.ts'
import type { Clock } from '../clock.ts'
import type { DueWork } from '../due-work.ts'
import type { OpenPayment } from './payment.ts'
import { type PaymentAnswer, type PaymentDeps, settleAnswer } from './payment-host-to-host.ts'
import type { DuePayment, postpone } from './store.ts'
import { judge, NEVER_BOOKED } from './verdict.ts'

export interface ReconcilerDeps extends Patience, Pick<PaymentDeps, 'settle'> {
  readonly clock: Clock
  readonly channels: readonly Channel[]
  /** Takes at most so many payments that are due. */
  readonly take: (now: number, most: number) => Promise<readonly DuePayment[]>
  readonly postpone: (payment: OpenPayment, until: Parameters<typeof postpone>[2]) => Promise<void>
  /** How long, in milliseconds from the claim, a cardholder may confirm. */
  readonly confirmMs: number
  readonly onSettled?: (payment: DuePayment, answer: PaymentAnswer) => void
  readonly onFault: (error: unknown) => void
}

/** Asks about payments that are due. It never charges: a payment of which nobody knows is reversed after its expiry. */
export function openReconciler(deps: ReconcilerDeps): DueWork {
  async function book(payment: DuePayment, verdict: ReturnType<typeof judge>): Promise<void> {
    const answer = await settleAnswer(deps, payment, verdict)
    if (answer.fault !== undefined) deps.onFault(answer.fault)
    deps.onSettled?.(payment, answer)
  }

  return openInquiries<DuePayment, ChannelAnswer>({
    ...deps,
    take: async (now, most) => (await deps.take(now, most)).map((payment) => awaited(deps, payment)),
    ask: (payment, timeoutMs) => channelNamed(deps.channels, payment.channel)?.inquire(payment, timeoutMs),
    book: (payment, answer) => book(payment, judge(answer)),
    bookNever: (payment) => book(payment, NEVER_BOOKED),
  })
}

/** A cardholder who let the time pass is known to the network at once, and to the partner a moment later. */
function awaited({ confirmMs, expiryMarginMs }: ReconcilerDeps, payment: DuePayment): DuePayment {
  if (payment.state !== 'waiting') return payment
  return { ...payment, changesAt: payment.createdAt + confirmMs + expiryMarginMs }
}
