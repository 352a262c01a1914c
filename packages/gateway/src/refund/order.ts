import { headerValue, type OutcomeName, parseAmount, type RefundBody, SnapError } from '@gerbang/snap'
import type { Channel, Refunds } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { RefundProfile } from '../channels/profile.ts'
import { refuseOtherCustomer, type Visitor } from '../payment/customer.ts'
import { channelOfOriginal, type FindPayments, findOriginals } from '../payment/original.ts'
import type { Claimant, KnownPayment } from '../payment/payment.ts'
import { maskCardNumbers } from '../secret.ts'
import type { OpenRefund, RefundOrder } from './open-refund.ts'

export interface RefundOrderDeps {
  readonly find: FindPayments
  readonly channels: readonly Channel[]
  /** Whether there is plainly no room for it, so that nothing need be written to know. */
  readonly findLack: (refund: OpenRefund) => Promise<OutcomeName | undefined>
  /** Whether what was charged is still kept, so that its customer can have a token. */
  readonly isKept: (partnerId: string, bankCardToken: string) => Promise<boolean>
  readonly newReferenceNo: (now: number) => string
  /** 32 bytes, keyed. */
  readonly digest: (text: string) => Buffer
  /** How long, in milliseconds from the claim, the network may still give the money back. */
  readonly networkExpiryMs: number
}

/** A checked request: the body, and who came with it. */
export interface RefundRequest extends Visitor {
  readonly body: RefundBody
}

/**
 * Turns a checked request into an order, or throws the SnapError that says what stands in the way: the original's name, its
 * state (`invalidTransactionStatus`), the amount, or a channel that gives nothing back (`requestedFunctionIsNotSupported`).
 */
export async function takeRefund(
  deps: RefundOrderDeps,
  claimant: Claimant,
  request: RefundRequest,
  now: number,
): Promise<{ refunds: Refunds; order: RefundOrder }> {
  const { body } = request
  const amountMinor = parseAmount(body.refundAmount.value)
  if (amountMinor === undefined) throw new SnapError('invalidAmount')
  const payment = paidOne(await originalsOf(deps, claimant, request))
  const refunds = refundsOf(deps, payment, request)
  await refuseStranger(deps, claimant, { payment, request })
  const isPartial = amountMinor < payment.amountMinor
  if (isPartial && !channelNamed(deps.channels, payment.channel)?.profile.refund?.isPartial)
    throw new SnapError('requestedFunctionIsNotSupported')
  const refund: OpenRefund = {
    ...claimant,
    refundNo: deps.newReferenceNo(now),
    partnerRefundNo: body.partnerRefundNo,
    originalReferenceNo: payment.referenceNo,
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    channel: payment.channel,
    amountMinor,
    // In the partner's own words, and a partner can put anything into them.
    reason: maskCardNumbers(body.reason ?? ''),
    createdAt: now,
    expiresAt: now + deps.networkExpiryMs,
  }
  const lack = await deps.findLack(refund)
  if (lack !== undefined) throw new SnapError(lack)
  return { refunds, order: { refund, fingerprint: deps.digest(JSON.stringify(body)) } }
}

/** Who has left may be named for what was theirs; for all else their token is worth what it is worth everywhere. */
async function originalsOf(
  { find }: RefundOrderDeps,
  { partnerId }: Claimant,
  { body, formerCustomer }: RefundRequest,
): Promise<readonly KnownPayment[]> {
  const originals = findOriginals(find, partnerId, body)
  if (formerCustomer === undefined) return originals
  const found = await originals.catch((error: unknown) => {
    if (error instanceof SnapError) throw new SnapError('invalidCustomerToken')
    throw error
  })
  if (!found.some(({ bankCardToken }) => bankCardToken === formerCustomer.bankCardToken))
    throw new SnapError('invalidCustomerToken')
  return found
}

/** An external id may name payments of several days: whose money goes back is never guessed. */
function paidOne(originals: readonly KnownPayment[]): KnownPayment {
  const [payment, ...more] = originals.filter(({ state }) => state === 'paid')
  if (payment === undefined) throw new SnapError('invalidTransactionStatus')
  if (more.length > 0) throw new SnapError('inconsistentRequest')
  return payment
}

function refundsOf(deps: RefundOrderDeps, payment: KnownPayment, request: RefundRequest): Refunds {
  const { body, headers } = request
  const channel = channelOfOriginal(deps.channels, payment, body.additionalInfo?.channel)
  const { profile, refunds } = channel ?? {}
  if (profile?.refund === undefined || refunds === undefined)
    throw new SnapError('requestedFunctionIsNotSupported')
  const missing = profile.strictHeaders?.refund?.find((name) => headerValue(headers, name) === undefined)
  if (missing !== undefined) throw new SnapError('invalidMandatoryField', { detail: missing })
  refuseLength(profile.refund, body)
  return refunds
}

/** Who has unbound has no token any more, or one of the time before, and must get the money back all the same. */
async function refuseStranger(
  { channels, isKept }: RefundOrderDeps,
  { partnerId }: Claimant,
  { payment, request }: { readonly payment: KnownPayment; readonly request: RefundRequest },
): Promise<void> {
  const { bankCardToken } = payment
  const { formerCustomer } = request
  if (formerCustomer !== undefined && formerCustomer.bankCardToken !== bankCardToken)
    throw new SnapError('invalidCustomerToken')
  const profile = channelNamed(channels, payment.channel)?.profile
  if (!profile?.customerToken.includes('refund')) return
  const isNobodys = request.customer === undefined && bankCardToken !== undefined
  if (isNobodys && !(await isKept(partnerId, bankCardToken))) return
  refuseOtherCustomer(profile, 'refund', request, payment)
}

/** The length of the original's name is no reason: a payment that was made under it can be given back under it. */
function refuseLength({ reference: { min, max } }: RefundProfile, { partnerRefundNo }: RefundBody): void {
  if (partnerRefundNo.length < min || partnerRefundNo.length > max)
    throw new SnapError('invalidFieldFormat', { detail: 'partnerRefundNo' })
}
