import { type Static, Type } from 'typebox'
import { printable, reply, words } from './shapes.ts'

/** Forgets a kept card. Answered at once; the network is told afterwards. */
export const RegistrationCardUnbind = {
  operation: 'registration-card-unbind',
  path: '/direct-debit/core/v1/registration-card-unbind',
  method: 'POST',
  body: Type.Object({
    tokenId: Type.String({
      minLength: 1,
      maxLength: 2048,
      pattern: '^[ -~]+$',
      description: 'bankCardToken.',
    }),
    partnerReferenceNo: Type.Optional(printable(64)),
    additionalInfo: Type.Optional(Type.Object({ channel: Type.Optional(words(64)) })),
  }),
  reply: reply({
    referenceNo: Type.Optional(printable(64)),
    redirectUrl: Type.Optional(Type.String()),
  }),
} as const

export type CardUnbindBody = Static<typeof RegistrationCardUnbind.body>
export type CardUnbindReply = Static<typeof RegistrationCardUnbind.reply>
