import { type Static, Type } from 'typebox'
import { printable, reply, words } from './shapes.ts'

/** The one-time password that the customer gave to the partner, for a binding or a payment. One of the names is mandatory: see `otpReference`. */
export const OtpVerification = {
  operation: 'otp-verification',
  path: '/direct-debit/core/v1/otp-verification',
  aliases: [
    '/direct-debit/merchant/cimb/v1.0/otp-verification',
    '/direct-debit/cimb/v1.0/otp-verification',
    '/direct-debit/bri/v1.0/otp-verification',
    '/direct-debit/allobank/v1.0/otp-verification',
    '/direct-debit/ovo/v1.0/otp-verification',
    '/direct-debit/mandiri/v1.0/otp-verification',
  ],
  method: 'POST',
  body: Type.Object({
    otp: Type.String({ pattern: '^\\d{4,8}$' }),
    action: Type.Optional(words(16)),
    type: Type.Optional(words(16)),
    originalReferenceNo: Type.Optional(printable(64)),
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    chargeToken: Type.Optional(printable(64, 'Of the reply to `otp`.')),
    journeyId: Type.Optional(printable(64)),
    additionalInfo: Type.Optional(
      Type.Object({
        channel: Type.Optional(words(64)),
        authCode: Type.Optional(printable(64)),
        bankCardToken: Type.Optional(printable(2048)),
      }),
    ),
  }),
  reply: reply({
    originalReferenceNo: Type.Optional(printable(64)),
    bankCardToken: Type.Optional(printable(64)),
    chargeToken: Type.Optional(printable(64)),
    additionalInfo: Type.Optional(
      Type.Object({
        custIdMerchant: Type.Optional(words(64)),
        status: Type.Optional(Type.String()),
        accountStatus: Type.Optional(Type.String()),
        bankCardToken: Type.Optional(printable(64)),
        authCode: Type.Optional(printable(64)),
      }),
    ),
  }),
} as const

export type OtpVerificationBody = Static<typeof OtpVerification.body>
export type OtpVerificationReply = Static<typeof OtpVerification.reply>
