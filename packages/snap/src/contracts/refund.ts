import { type Static, Type } from 'typebox'
import { Amount, printable, reply, words } from './shapes.ts'

/** Gives back part or all of a paid payment. One of the original names is mandatory: see `statusReference`. */
export const Refund = {
  operation: 'refund',
  path: '/direct-debit/core/v1/debit/refund',
  aliases: ['/direct-debit/merchant/allo/v1.0/debit/refund'],
  method: 'POST',
  body: Type.Object({
    partnerRefundNo: printable(64),
    refundAmount: Amount,
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    originalReferenceNo: Type.Optional(printable(64)),
    originalExternalId: Type.Optional(printable(64)),
    reason: Type.Optional(words(255)),
    additionalInfo: Type.Optional(Type.Object({ channel: Type.Optional(words(64)) })),
  }),
  reply: reply({
    refundAmount: Type.Optional(Amount),
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    originalReferenceNo: Type.Optional(printable(64)),
    refundNo: Type.Optional(printable(64)),
    partnerRefundNo: Type.Optional(printable(64)),
    refundTime: Type.Optional(printable(35)),
  }),
} as const

export type RefundBody = Static<typeof Refund.body>
export type RefundReply = Static<typeof Refund.reply>
