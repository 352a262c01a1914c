import {
  formatAmount,
  formatTimestamp,
  type OutcomeName,
  type Profile,
  refusalOf,
  responseCode,
  responseMessage,
  SnapError,
  type StatusBody,
  type StatusReply,
  statusReference,
} from '@gerbang/snap'
import type { KnownPayment, PaymentNames } from '../payment/payment.ts'
import { STATES } from '../payment/states.ts'

export interface StatusDeps {
  readonly find: (partnerId: string, names: PaymentNames) => Promise<readonly KnownPayment[]>
  readonly acquirerOf: (channel: string) => string | undefined
}

/**
 * Service 55: what is known of a payment, found by the partner's reference, ours, or the external id, in this order. Throws `transactionNotFound`,
 * or `inconsistentRequest` when two of the given names belong to different payments.
 */
export async function status(
  deps: StatusDeps,
  caller: { partnerId: string; profile: Profile },
  body: StatusBody,
): Promise<StatusReply> {
  const reference = statusReference(body)
  if ('kind' in reference) throw refusalOf(reference)
  const names: PaymentNames = {
    partnerReferenceNo: reference.originalPartnerReferenceNo,
    referenceNo: reference.originalReferenceNo,
    externalId: reference.originalExternalId,
  }
  const found = await deps.find(caller.partnerId, names)
  if (found.length === 0) throw new SnapError('transactionNotFound')
  const payment = found.find((candidate) => isNamed(candidate, names))
  if (payment === undefined) throw new SnapError('inconsistentRequest')
  return replyOf(deps, caller.profile, { payment, serviceCode: serviceCodeOf(body) })
}

/** What the client sent is echoed: `54` by the standard, `55` by DOKU's libraries. Anything else is no service code. */
function serviceCodeOf({ serviceCode }: StatusBody): string {
  const text = String(serviceCode ?? '')
  return /^\d{2}$/.test(text) ? text : '55'
}

function isNamed(payment: KnownPayment, names: PaymentNames): boolean {
  return (['partnerReferenceNo', 'referenceNo', 'externalId'] as const).every(
    (name) => names[name] === undefined || names[name] === payment[name],
  )
}

function replyOf(
  deps: StatusDeps,
  profile: Profile,
  { payment, serviceCode }: { payment: KnownPayment; serviceCode: string },
): StatusReply {
  const { state, outcome, settledAt } = payment
  const acquirer = deps.acquirerOf(payment.channel)
  return {
    responseCode: responseCode('status', 'successful', profile),
    responseMessage: responseMessage('successful'),
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    ...(payment.networkReferenceNo !== undefined &&
      state === 'paid' && { approvalCode: payment.networkReferenceNo }),
    serviceCode,
    latestTransactionStatus: STATES[state].status,
    transactionStatusDesc: STATES[state].word,
    ...(outcome !== undefined && {
      originalResponseCode: responseCode('payment-host-to-host', outcome as OutcomeName, profile),
      originalResponseMessage: responseMessage(outcome as OutcomeName),
    }),
    transAmount: { value: formatAmount(payment.amountMinor), currency: 'IDR' },
    ...(state === 'paid' && settledAt !== undefined && { paidTime: formatTimestamp(settledAt) }),
    additionalInfo: {
      channel: payment.channel,
      ...(acquirer !== undefined && { acquirer: { id: acquirer } }),
      ...linkingOf(payment),
    },
  }
}

/** What a payment that was to keep its card has to show for it, once it is paid. */
function linkingOf({ variant, state, bankCardToken, bindState }: KnownPayment): object {
  if (variant !== 'V2' || state !== 'paid') return {}
  return bindState === 'bound' ? { bankCardToken, bindStatus: 'SUCCESS' } : { bindStatus: 'FAILED' }
}
