import { type Static, Type } from 'typebox'
import { dateOfBirth, email, printable, reply, returnUrl, words } from './shapes.ts'

const PHONE_PATTERN = '^(?:\\+?62|0)8\\d{7,13}$'

const AdditionalInfo = Type.Object({
  channel: Type.Optional(words(64)),
  customerName: Type.Optional(words(70)),
  email: Type.Optional(email),
  idCard: Type.Optional(words(20)),
  country: Type.Optional(words(60)),
  address: Type.Optional(words(255)),
  dateOfBirth: Type.Optional(dateOfBirth),
  successRegistrationUrl: Type.Optional(returnUrl),
  failedRegistrationUrl: Type.Optional(returnUrl),
})

/** Keeps a card. The token is in no reply of this operation: it comes after the one-time password. */
export const RegistrationCardBind = {
  operation: 'registration-card-bind',
  path: '/direct-debit/core/v1/registration-card-bind',
  aliases: ['/wtd-direct-debit-snap-bri/snap/v1.0/registration-card-bind'],
  method: 'POST',
  body: Type.Object({
    cardData: Type.String({
      minLength: 1,
      maxLength: 8192,
      pattern: '^[ -~]+$',
      description: 'Encrypted: base64(AES-128-CBC)|base64(IV), or OpenSSL’s Salted__ form.',
    }),
    custIdMerchant: Type.String({ pattern: '^[a-zA-Z0-9]{1,64}$' }),
    phoneNo: Type.Optional(Type.String({ pattern: PHONE_PATTERN, description: '628… or 08…' })),
    partnerReferenceNo: Type.Optional(printable(64)),
    journeyId: Type.Optional(printable(64)),
    accountName: Type.Optional(words(255)),
    additionalInfo: Type.Optional(AdditionalInfo),
  }),
  reply: reply({
    referenceNo: Type.Optional(printable(64)),
    redirectUrl: Type.Optional(Type.String({ description: 'Hosted page; with CHANNEL-ID DH only.' })),
    additionalInfo: Type.Optional(
      Type.Object({
        custIdMerchant: Type.Optional(words(64)),
        status: Type.Optional(Type.String()),
        accountStatus: Type.Optional(Type.String()),
        authCode: Type.Optional(Type.String({ description: 'With CHANNEL-ID H2H only.' })),
      }),
    ),
  }),
} as const

export type CardBindBody = Static<typeof RegistrationCardBind.body>
export type CardBindReply = Static<typeof RegistrationCardBind.reply>
