import type { Channel, RefundAnswer as NetworkAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import { type InquiryDeps, openInquiries } from '../channels/inquiries.ts'
import type { DueWork } from '../due-work.ts'
import type { DueRefund } from './open-refund.ts'
import { type RefundAnswer, type RefundDeps, settleAnswer } from './refund.ts'
import { judge, NEVER_REFUNDED, type Verdict } from './verdict.ts'

export interface RefundReconcilerDeps
  extends Omit<InquiryDeps<DueRefund, NetworkAnswer>, 'ask' | 'book' | 'bookNever'>,
    Pick<RefundDeps, 'settle'> {
  readonly channels: readonly Channel[]
  readonly onSettled?: (refund: DueRefund, answer: RefundAnswer) => void
}

/** Asks about refunds that are due. It never refunds: one of which nobody knows has failed after its expiry. */
export function openRefundReconciler(deps: RefundReconcilerDeps): DueWork {
  async function book(refund: DueRefund, verdict: Verdict): Promise<void> {
    const answer = await settleAnswer(deps, refund, verdict)
    if (answer.fault !== undefined) deps.onFault(answer.fault)
    deps.onSettled?.(refund, answer)
  }

  return openInquiries<DueRefund, NetworkAnswer>({
    ...deps,
    ask: (refund, timeoutMs) =>
      channelNamed(deps.channels, refund.channel)?.refunds?.inquireRefund(
        { referenceNo: refund.refundNo, amountMinor: refund.amountMinor },
        timeoutMs,
      ),
    book: (refund, answer) => book(refund, judge(answer)),
    bookNever: (refund) => book(refund, NEVER_REFUNDED),
  })
}
