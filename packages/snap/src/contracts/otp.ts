import { type Static, Type } from 'typebox'
import { printable, reply, words } from './shapes.ts'

/** Sends the one-time password of a binding or a payment, or sends it again. One of the names is mandatory: see `otpReference`. */
export const Otp = {
  operation: 'otp',
  path: '/direct-debit/core/v1/otp',
  method: 'POST',
  body: Type.Object({
    journeyId: Type.Optional(
      printable(
        64,
        'Of the binding or the payment. With `bankCardToken` that of the binding means the one open payment of the card.',
      ),
    ),
    otpTrxCode: Type.Optional(printable(16)),
    originalReferenceNo: Type.Optional(printable(64)),
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    bankCardToken: Type.Optional(
      printable(2048, 'For the code of a payment: the kept card that it is paid with.'),
    ),
    additionalInfo: Type.Optional(
      Type.Object({ channel: Type.Optional(words(64)), authCode: Type.Optional(printable(64)) }),
    ),
  }),
  reply: reply({
    originalReferenceNo: Type.Optional(printable(64)),
    chargeToken: Type.Optional(
      printable(40, 'Stands for what the code confirms: `otp-verification` takes it back.'),
    ),
    additionalInfo: Type.Optional(
      Type.Object({ authCode: Type.Optional(printable(64)), otpExpiresAt: Type.Optional(printable(35)) }),
    ),
  }),
} as const

export type OtpBody = Static<typeof Otp.body>
export type OtpReply = Static<typeof Otp.reply>
