import type { Asking, Channel, ChannelAnswer, InquiryAnswer } from '../channels/channel.ts'
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
  /** Keeps what the network says of the step that a payment still waits for. */
  readonly learn?: (payment: DuePayment, asking: Asking) => Promise<void>
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
    ask: (payment, timeoutMs) => {
      const channel = channelNamed(deps.channels, payment.channel)
      return channel && inquire(deps, channel, { payment, timeoutMs })
    },
    book: (payment, answer) =>
      book(payment, judge(answer, channelNamed(deps.channels, payment.channel)?.profile.silence)),
    bookNever: (payment) => book(payment, NEVER_BOOKED),
  })
}

/** A customer who has gone on to the next step while nobody was there to book it is asked for that one. */
async function inquire(
  { learn }: ReconcilerDeps,
  channel: Channel,
  { payment, timeoutMs }: { readonly payment: DuePayment; readonly timeoutMs: number },
): Promise<InquiryAnswer> {
  const answer = await channel.inquire(payment, timeoutMs)
  const isStepped = channel.profile.payment.shape !== 'kki'
  if (isStepped && answer.kind === 'waiting' && payment.state === 'waiting') await learn?.(payment, answer)
  return answer
}

/** A cardholder who let the time pass is known to the network at once, and to the partner a moment later. */
function awaited({ confirmMs, expiryMarginMs }: ReconcilerDeps, payment: DuePayment): DuePayment {
  if (payment.state !== 'waiting') return payment
  const confirmBy = payment.confirmBy ?? payment.createdAt + confirmMs
  return { ...payment, changesAt: confirmBy + expiryMarginMs }
}
