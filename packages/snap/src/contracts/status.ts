import { type Static, Type } from 'typebox'
import { Amount, printable, reply, words } from './shapes.ts'

const RefundLine = Type.Object({
  refundNo: printable(64),
  partnerReferenceNo: printable(64),
  refundAmount: Amount,
  refundStatus: Type.String({ pattern: '^\\d{2}$' }),
  refundDate: printable(35),
  reason: words(255),
})

/** One of the three references is mandatory: see `statusReference`. */
export const Status = {
  operation: 'status',
  path: '/orders/v1.0/debit/status',
  method: 'POST',
  body: Type.Object({
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    originalReferenceNo: Type.Optional(printable(64)),
    originalExternalId: Type.Optional(printable(64)),
    serviceCode: Type.Optional(
      Type.Union([Type.String({ pattern: '^5[45]$' }), Type.Literal(54), Type.Literal(55)], {
        description: '`54`, the payment’s, or `55`, as DOKU’s libraries say it. It is said again.',
      }),
    ),
    amount: Type.Optional(Type.Unknown({ description: 'Ignored; clients send it empty.' })),
    additionalInfo: Type.Optional(Type.Object({ channel: Type.Optional(words(64)) })),
  }),
  reply: reply({
    originalPartnerReferenceNo: Type.Optional(printable(64)),
    originalReferenceNo: Type.Optional(printable(64)),
    originalExternalId: Type.Optional(printable(64)),
    approvalCode: Type.Optional(printable(64)),
    serviceCode: Type.Optional(printable(8)),
    latestTransactionStatus: Type.Optional(Type.String({ pattern: '^0[0-7]$' })),
    transactionStatusDesc: Type.Optional(words(150)),
    originalResponseCode: Type.Optional(Type.String({ pattern: '^\\d{7}$' })),
    originalResponseMessage: Type.Optional(words(150)),
    sessionId: Type.Optional(printable(64)),
    requestID: Type.Optional(printable(64)),
    refundHistory: Type.Optional(Type.Array(RefundLine)),
    transAmount: Type.Optional(Amount),
    feeAmount: Type.Optional(Amount),
    paidTime: Type.Optional(printable(35)),
    additionalInfo: Type.Optional(
      Type.Object({
        channel: Type.Optional(words(64)),
        deviceId: Type.Optional(words(400)),
        acquirer: Type.Optional(Type.Object({ id: words(64) })),
        bankCardToken: Type.Optional(printable(64)),
        bindStatus: Type.Optional(Type.String()),
      }),
    ),
  }),
} as const

export type StatusBody = Static<typeof Status.body>
export type StatusReply = Static<typeof Status.reply>
