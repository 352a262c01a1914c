import { type Answer, objectMember, textMember } from './answers.ts'
import { type CardChannel, KKI } from './channels.ts'
import { demand, present, presentNumbers } from './field-rules.ts'
import { conceal, isDone, type Operation, type Replied, replied } from './operation.ts'

const OTP_PATH = '/direct-debit/core/v1/otp'
const VERIFICATION_PATH = '/direct-debit/core/v1/otp-verification'

/** At least one of the names of a binding. */
export interface BindingReference {
  /** Kartu Kredit Indonesia when absent. */
  readonly channel?: CardChannel
  /** `referenceNo` of `bindCard()`. */
  readonly originalReferenceNo?: string
  /** `authCode` of `bindCard()`. */
  readonly authCode?: string
  readonly originalPartnerReferenceNo?: string
  readonly journeyId?: string
}

export interface OtpResendOrder extends BindingReference {
  readonly externalId?: string
}

export interface OtpResend extends Replied {
  /** `pending`: the gateway does not know yet whether the code was sent. */
  readonly status: 'sent' | 'pending'
  readonly originalReferenceNo: string | undefined
  /** ISO 8601. */
  readonly otpExpiresAt: string | undefined
}

export interface OtpVerificationOrder extends BindingReference {
  /** The 4 to 8 digits that the cardholder was sent. */
  readonly otp: string
  readonly externalId?: string
}

export interface OtpVerification extends Replied {
  /** `bound`: the card is kept. `pending`: not known yet; the notification or a repeated call says it. */
  readonly status: 'bound' | 'pending'
  readonly originalReferenceNo: string | undefined
  /** Stands for the card in `pay()` and `unbindCard()`. */
  readonly bankCardToken: string | undefined
  readonly authCode: string | undefined
  readonly custIdMerchant: string | undefined
}

/** @throws ValidationError */
export function otpResend(order: OtpResendOrder): Operation<OtpResend> {
  return {
    path: OTP_PATH,
    subject: 'card',
    externalId: order.externalId,
    body: referenceBody(order),
    read: (answer, externalId) => ({
      status: isDone(answer) ? 'sent' : 'pending',
      originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
      otpExpiresAt: textMember(objectMember(answer.body, 'additionalInfo'), 'otpExpiresAt'),
      ...replied(answer, externalId),
    }),
  }
}

/** @throws ValidationError that names the field, never its value. */
export function otpVerification(order: OtpVerificationOrder): Operation<OtpVerification> {
  demand(/^\d{4,8}$/.test(order.otp), 'otp', 'must be 4 to 8 digits.')
  return {
    path: VERIFICATION_PATH,
    subject: 'card',
    externalId: order.externalId,
    body: { otp: order.otp, action: 'otpLinkage', ...referenceBody(order) },
    read: readVerification,
  }
}

function referenceBody(reference: BindingReference): Record<string, unknown> {
  const { channel = KKI, originalReferenceNo, authCode, originalPartnerReferenceNo, journeyId } = reference
  const { authCode: code, ...numbers } = presentNumbers({
    originalReferenceNo,
    authCode,
    originalPartnerReferenceNo,
    journeyId,
  })
  return { ...numbers, additionalInfo: { channel, ...present({ authCode: code }) } }
}

function readVerification(answer: Answer, externalId: string): OtpVerification {
  const more = objectMember(answer.body, 'additionalInfo')
  return conceal({
    status: isDone(answer) ? 'bound' : 'pending',
    originalReferenceNo: textMember(answer.body, 'originalReferenceNo'),
    bankCardToken: textMember(answer.body, 'bankCardToken') ?? textMember(more, 'bankCardToken'),
    authCode: textMember(more, 'authCode'),
    custIdMerchant: textMember(more, 'custIdMerchant'),
    ...replied(answer, externalId),
  })
}
