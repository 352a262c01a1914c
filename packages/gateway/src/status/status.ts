import {
  formatAmount,
  formatTimestamp,
  type OutcomeName,
  type Profile,
  responseCode,
  responseMessage,
  type StatusBody,
  type StatusReply,
} from '@gerbang/snap'
import { type FindPayments, findOriginals } from '../payment/original.ts'
import type { KnownPayment } from '../payment/payment.ts'
import { type PaymentState, STATES } from '../payment/states.ts'
import { refundLines } from '../refund/history.ts'
import type { RefundHistory } from '../refund/open-refund.ts'
import { FULLY_REFUNDED } from '../refund/states.ts'

export interface StatusDeps {
  readonly find: FindPayments
  readonly findRefunds: (partnerId: string, referenceNo: string) => Promise<RefundHistory>
  readonly acquirerOf: (channel: string) => string | undefined
}

/**
 * Service 55: what is known of a payment, found by the partner's reference, ours, or the external id, in this order, and of what
 * was given back of it. Throws what `findOriginals` throws.
 */
export async function status(
  deps: StatusDeps,
  caller: { partnerId: string; profile: Profile },
  body: StatusBody,
): Promise<StatusReply> {
  const [payment] = await findOriginals(deps.find, caller.partnerId, body)
  const history =
    payment.state === 'paid' ? await deps.findRefunds(caller.partnerId, payment.referenceNo) : UNTOUCHED
  return replyOf(deps, caller.profile, { payment, history, serviceCode: serviceCodeOf(body) })
}

const UNTOUCHED: RefundHistory = { refunds: [], isFullyRefunded: false, isCancelled: false }

/** What the client sent is echoed: `54` by the standard, `55` by DOKU's libraries. */
function serviceCodeOf({ serviceCode = '55' }: StatusBody): string {
  return String(serviceCode)
}

function replyOf(
  deps: StatusDeps,
  profile: Profile,
  about: { payment: KnownPayment; history: RefundHistory; serviceCode: string },
): StatusReply {
  const { payment, history } = about
  const { state, outcome, settledAt } = payment
  const { status, word } = standingOf(state, history)
  const acquirer = deps.acquirerOf(payment.channel)
  return {
    responseCode: responseCode('status', 'successful', profile),
    responseMessage: responseMessage('successful'),
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    ...(payment.networkReferenceNo !== undefined &&
      state === 'paid' && { approvalCode: payment.networkReferenceNo }),
    serviceCode: about.serviceCode,
    latestTransactionStatus: status,
    transactionStatusDesc: word,
    ...(outcome !== undefined && {
      originalResponseCode: responseCode('payment-host-to-host', outcome as OutcomeName, profile),
      originalResponseMessage: responseMessage(outcome as OutcomeName),
    }),
    ...(history.refunds.length > 0 && { refundHistory: refundLines(history.refunds) }),
    transAmount: { value: formatAmount(payment.amountMinor), currency: 'IDR' },
    ...(state === 'paid' && settledAt !== undefined && { paidTime: formatTimestamp(settledAt) }),
    additionalInfo: {
      channel: payment.channel,
      ...(acquirer !== undefined && { acquirer: { id: acquirer } }),
      ...linkingOf(payment),
    },
  }
}

function standingOf(state: PaymentState, { isFullyRefunded, isCancelled }: RefundHistory) {
  if (isCancelled) return STATES.reversed
  return isFullyRefunded ? FULLY_REFUNDED : STATES[state]
}

/** What a payment that was to keep its card has to show for it, once it is paid. */
function linkingOf({ variant, state, bankCardToken, bindState }: KnownPayment): object {
  if (variant !== 'V2' || state !== 'paid') return {}
  return bindState === 'bound' ? { bankCardToken, bindStatus: 'SUCCESS' } : { bindStatus: 'FAILED' }
}
