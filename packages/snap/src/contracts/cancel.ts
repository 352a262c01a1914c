import { type Static, Type } from 'typebox'
import { Amount, printable, reply, words } from './shapes.ts'

/** Calls off a whole payment: before the customer has confirmed it, or on the day on which it was paid. */
export const Cancel = {
  operation: 'cancel',
  path: '/direct-debit/core/v1/debit/cancel',
  method: 'POST',
  body: Type.Object({
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    originalReferenceNo: Type.Optional(printable(64)),
    originalExternalId: Type.Optional(printable(64)),
    amount: Type.Optional(Amount),
    reason: Type.Optional(words(255)),
    additionalInfo: Type.Optional(Type.Object({ channel: Type.Optional(words(64)) })),
  }),
  reply: reply({
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    originalReferenceNo: Type.Optional(printable(64)),
    cancelTime: Type.Optional(printable(35)),
  }),
} as const

export type CancelBody = Static<typeof Cancel.body>
export type CancelReply = Static<typeof Cancel.reply>
