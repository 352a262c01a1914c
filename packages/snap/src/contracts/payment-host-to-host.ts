import { type Static, Type } from 'typebox'
import { Amount, printable, reply, words } from './shapes.ts'

const flag = Type.Union([words(8), Type.Boolean(), Type.Number()])
const textOrNumber = Type.Union([words(64), Type.Number()])

const Customer = Type.Object({
  customerId: Type.Optional(words(64)),
  customerName: Type.Optional(words(255)),
  postalCode: Type.Optional(textOrNumber),
})

const LineItem = Type.Object({
  name: Type.Optional(words(255)),
  price: Type.Optional(textOrNumber),
  quantity: Type.Optional(textOrNumber),
})

const AdditionalInfo = Type.Object({
  channel: Type.Optional(words(64)),
  isBindAndPay: Type.Optional(flag),
  paymentType: Type.Optional(words(64)),
  customer: Type.Optional(Customer),
  lineItems: Type.Optional(Type.Array(LineItem, { maxItems: 1000 })),
  remarks: Type.Optional(words(255)),
  deviceId: Type.Optional(words(400)),
  originalRequestId: Type.Optional(words(64)),
  override_notification_url: Type.Optional(words(1024)),
  overrideNotificationUrl: Type.Optional(words(1024)),
})

/** Which of card, code and token are mandatory depends on the variant: see `paymentVariant`. */
export const PaymentHostToHost = {
  operation: 'payment-host-to-host',
  path: '/direct-debit/core/v1/debit/payment-host-to-host',
  method: 'POST',
  body: Type.Object({
    partnerReferenceNo: printable(64),
    amount: Amount,
    chargeToken: Type.Optional(
      Type.String({ pattern: '^9360\\d{12,16}$', description: 'Customer PAN (CPAN), 16 to 20 digits.' }),
    ),
    otp: Type.Optional(Type.String({ pattern: '^\\d{8}$', description: 'One-time token (OTT).' })),
    bankCardToken: Type.Optional(printable(2048)),
    isBindAndPay: Type.Optional(flag),
    additionalInfo: Type.Optional(AdditionalInfo),
  }),
  reply: reply({
    referenceNo: Type.Optional(printable(64)),
    partnerReferenceNo: Type.Optional(printable(64)),
  }),
} as const

export type PaymentBody = Static<typeof PaymentHostToHost.body>
export type PaymentReply = Static<typeof PaymentHostToHost.reply>
