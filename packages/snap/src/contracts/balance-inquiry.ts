import { type Static, Type } from 'typebox'
import { Amount, reply, words } from './shapes.ts'

const Info = Type.Object({
  balanceType: Type.String(),
  amount: Amount,
  flatAmount: Amount,
  floatAmount: Amount,
  holdAmount: Amount,
})

/** What a customer's account holds; the customer's token says which. */
export const BalanceInquiry = {
  operation: 'balance-inquiry',
  path: '/direct-debit/core/v1/balance-inquiry',
  aliases: ['/direct-debit/merchant/allo/v1.0/balance-inquiry'],
  method: 'POST',
  body: Type.Object({
    additionalInfo: Type.Optional(Type.Object({ channel: Type.Optional(words(64)) })),
  }),
  reply: reply({ accountInfos: Type.Optional(Type.Array(Info)) }),
} as const

export type BalanceBody = Static<typeof BalanceInquiry.body>
export type BalanceReply = Static<typeof BalanceInquiry.reply>
