import {
  type CancelBody,
  type RefundBody,
  refusalOf,
  SnapError,
  type StatusBody,
  statusReference,
} from '@gerbang/snap'
import type { Channel } from '../channels/channel.ts'
import { channelNamed, findChannel } from '../channels/index.ts'
import type { KnownPayment, PaymentNames } from './payment.ts'

export type FindPayments = (partnerId: string, names: PaymentNames) => Promise<readonly KnownPayment[]>

/**
 * The partner's payments that a request names as its original, the best first: never none. Throws SnapError when it names
 * none: `invalidMandatoryField`; when nobody knows it: `transactionNotFound`; when two of its names belong to different
 * payments: `inconsistentRequest`.
 */
export async function findOriginals(
  find: FindPayments,
  partnerId: string,
  body: StatusBody | RefundBody | CancelBody,
): Promise<readonly [KnownPayment, ...KnownPayment[]]> {
  const reference = statusReference(body)
  if ('kind' in reference) throw refusalOf(reference)
  const names: PaymentNames = {
    partnerReferenceNo: reference.originalPartnerReferenceNo,
    referenceNo: reference.originalReferenceNo,
    externalId: reference.originalExternalId,
  }
  const found = await find(partnerId, names)
  if (found.length === 0) throw new SnapError('transactionNotFound')
  const [first, ...more] = found.filter((candidate) => isNamed(candidate, names))
  if (first === undefined) throw new SnapError('inconsistentRequest')
  return [first, ...more]
}

function isNamed(payment: KnownPayment, names: PaymentNames): boolean {
  return (['partnerReferenceNo', 'referenceNo', 'externalId'] as const).every(
    (name) => names[name] === undefined || names[name] === payment[name],
  )
}

/**
 * The channel of a payment, undefined when it is not opened any more. Throws SnapError when the request names another one:
 * `inconsistentRequest`, or none: `invalidFieldFormat`.
 */
export function channelOfOriginal(
  channels: readonly Channel[],
  payment: KnownPayment,
  name: string | undefined,
): Channel | undefined {
  if (name !== undefined) {
    const named = findChannel(channels, { name, chargeToken: undefined })
    if (named === undefined) throw new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
    if (named.profile.name !== payment.channel) throw new SnapError('inconsistentRequest')
  }
  return channelNamed(channels, payment.channel)
}
