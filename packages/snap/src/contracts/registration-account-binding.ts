import { type Static, Type } from 'typebox'
import { dateOfBirth, email, printable, reply, returnUrl, words } from './shapes.ts'

const AdditionalInfo = Type.Object({
  channel: Type.Optional(words(64)),
  custIdMerchant: Type.Optional(printable(64)),
  customerName: Type.Optional(words(70)),
  email: Type.Optional(email),
  idCard: Type.Optional(words(20)),
  country: Type.Optional(words(60)),
  address: Type.Optional(words(255)),
  dateOfBirth: Type.Optional(dateOfBirth),
  successRegistrationUrl: Type.Optional(returnUrl),
  failedRegistrationUrl: Type.Optional(returnUrl),
  deviceModel: Type.Optional(words(64)),
  osType: Type.Optional(words(16)),
  channelId: Type.Optional(words(16)),
})

/** Keeps an account at a bank or wallet. What a channel wants besides is in its profile. */
export const RegistrationAccountBinding = {
  operation: 'registration-account-binding',
  path: '/direct-debit/core/v1/registration-account-binding',
  aliases: ['/direct-debit/merchant/allo/v1.0/registration-account-binding'],
  method: 'POST',
  body: Type.Object({
    phoneNo: Type.String({ pattern: '^\\+?\\d{9,16}$', description: '628… or 08…' }),
    partnerReferenceNo: Type.Optional(printable(64)),
    additionalInfo: Type.Optional(AdditionalInfo),
  }),
  reply: reply({
    referenceNo: Type.Optional(printable(64)),
    redirectUrl: Type.Optional(
      Type.String({ description: 'The page where the customer gives code and PIN.' }),
    ),
    additionalInfo: Type.Optional(
      Type.Object({
        custIdMerchant: Type.Optional(words(64)),
        status: Type.Optional(Type.String()),
        accountStatus: Type.Optional(Type.String()),
        authCode: Type.Optional(
          Type.String({ description: 'For a customer’s token, once the account is kept.' }),
        ),
      }),
    ),
  }),
} as const

export type AccountBindingBody = Static<typeof RegistrationAccountBinding.body>
export type AccountBindingReply = Static<typeof RegistrationAccountBinding.reply>
