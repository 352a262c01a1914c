import { type Static, Type } from 'typebox'
import { printable, reply, words } from './shapes.ts'

/** Forgets a kept account. */
export const RegistrationAccountUnbinding = {
  operation: 'registration-account-unbinding',
  path: '/direct-debit/core/v1/registration-account-unbinding',
  aliases: [
    '/direct-debit/v1/registration-account-unbinding',
    '/direct-debit/merchant/allo/v1.0/registration-account-unbinding',
  ],
  method: 'POST',
  body: Type.Object({
    tokenId: Type.String({
      minLength: 1,
      maxLength: 2048,
      pattern: '^[ -~]+$',
      description: 'The customer’s token, also one that has expired.',
    }),
    additionalInfo: Type.Optional(Type.Object({ channel: Type.Optional(words(64)) })),
  }),
  reply: reply({
    referenceNo: Type.Optional(printable(64)),
  }),
} as const

export type AccountUnbindingBody = Static<typeof RegistrationAccountUnbinding.body>
export type AccountUnbindingReply = Static<typeof RegistrationAccountUnbinding.reply>
