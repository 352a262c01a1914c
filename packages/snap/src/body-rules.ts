import type { BodyFault } from './check-body.ts'
import type { OtpBody } from './contracts/otp.ts'
import type { OtpVerificationBody } from './contracts/otp-verification.ts'
import type { PaymentBody } from './contracts/payment-host-to-host.ts'
import type { RefundBody } from './contracts/refund.ts'
import type { StatusBody } from './contracts/status.ts'

/**
 * KKI's four payments: V1 card and code once, V2 the same and keep the card, V3 with a kept card, V4 with a
 * kept card and without the cardholder. Kept accounts are charged like kept cards.
 */
export type KkiVariant = 'V1' | 'V2' | 'V3' | 'V4'

/** V5: nothing is kept, and a wallet asks its customer on a page of its own. */
export type PaymentVariant = KkiVariant | 'V5'

const YES = new Set(['Y', 'YES', 'TRUE', '1'])

const CARD_NUMBER = /^9360\d{12,16}$/
const ONE_TIME_TOKEN = /^\d{8}$/

/**
 * Which KKI payment a body asks for, or what it lacks for that: a member that is malformed comes before one that is missing. The
 * body has passed `checkBody`.
 */
export function paymentVariant(body: PaymentBody): { readonly variant: KkiVariant } | BodyFault {
  if (body.chargeToken && !CARD_NUMBER.test(body.chargeToken)) return { kind: 'format', field: 'chargeToken' }
  if (body.otp && !ONE_TIME_TOKEN.test(body.otp)) return { kind: 'format', field: 'otp' }
  const { additionalInfo } = body
  const keepsCard = isYes(additionalInfo?.isBindAndPay) || isYes(body.isBindAndPay)
  const recurs = additionalInfo?.paymentType?.toUpperCase() === 'RECURRING'

  if (body.bankCardToken) {
    if (keepsCard) return { kind: 'format', field: 'additionalInfo.isBindAndPay' }
    return { variant: recurs ? 'V4' : 'V3' }
  }
  if (recurs) return { kind: 'missing', field: 'bankCardToken' }
  if (!body.chargeToken) return { kind: 'missing', field: 'chargeToken' }
  if (!body.otp) return { kind: 'missing', field: 'otp' }
  return { variant: keepsCard ? 'V2' : 'V1' }
}

export type StatusReference = Readonly<
  Partial<Pick<StatusBody, 'originalPartnerReferenceNo' | 'originalReferenceNo' | 'originalExternalId'>>
>

/** The references that a status or refund request gives, at least one of them, or what it lacks. */
export function statusReference(body: StatusBody | RefundBody): StatusReference | BodyFault {
  const { originalPartnerReferenceNo, originalReferenceNo, originalExternalId } = body
  if (!originalPartnerReferenceNo && !originalReferenceNo && !originalExternalId) {
    return { kind: 'missing', field: 'originalPartnerReferenceNo' }
  }
  return {
    ...(originalPartnerReferenceNo && { originalPartnerReferenceNo }),
    ...(originalReferenceNo && { originalReferenceNo }),
    ...(originalExternalId && { originalExternalId }),
  }
}

type OtpOperation = 'otp' | 'otp-verification'

/** The name that each operation's page calls mandatory: whoever gives none is told of that one. */
const DOCUMENTED_NAMES: Readonly<Record<OtpOperation, string>> = {
  otp: 'journeyId',
  'otp-verification': 'originalReferenceNo',
}

/** Under which name a request about a one-time password finds its binding. */
export type OtpReference =
  | { readonly by: 'referenceNo' | 'authCode' | 'partnerReferenceNo' | 'journeyId'; readonly value: string }
  | BodyFault

/** The binding that a request about its one-time password means: the first name that it gives, or what it lacks. */
export function otpReference(body: OtpBody | OtpVerificationBody, operation: OtpOperation): OtpReference {
  const { originalReferenceNo, originalPartnerReferenceNo, journeyId, additionalInfo } = body
  if (originalReferenceNo) return { by: 'referenceNo', value: originalReferenceNo }
  if (additionalInfo?.authCode) return { by: 'authCode', value: additionalInfo.authCode }
  if (originalPartnerReferenceNo) return { by: 'partnerReferenceNo', value: originalPartnerReferenceNo }
  if ('chargeToken' in body && body.chargeToken) return { by: 'referenceNo', value: body.chargeToken }
  if (journeyId) return { by: 'journeyId', value: journeyId }
  return { kind: 'missing', field: DOCUMENTED_NAMES[operation] }
}

const UNBINDING = new Set(['OTPUNLINKAGE', 'UNLINKAGE', 'OTPUNBINDING', 'UNBINDING', 'OTPUNBIND'])

/** Whether a one-time password confirms that what is kept is to be forgotten. */
export function meansUnbinding({ action, type }: Pick<OtpVerificationBody, 'action' | 'type'>): boolean {
  return UNBINDING.has((action ?? type ?? '').toUpperCase())
}

function isYes(value: string | number | boolean | undefined): boolean {
  return value !== undefined && YES.has(String(value).toUpperCase())
}
