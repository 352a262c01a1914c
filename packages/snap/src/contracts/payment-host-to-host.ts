import { type Static, Type } from 'typebox'
import { Amount, anyCase, printable, reply, returnUrl, returnUrlOf, words } from './shapes.ts'

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

const PartAmount = Type.Object(
  { value: Type.Optional(words(32)), currency: Type.Optional(words(8)) },
  { description: 'Together they are `amount`; a single one need not say it.' },
)

/** Looked at where a channel has several kinds of money, and ignored elsewhere. */
const PayOption = Type.Object({
  payMethod: Type.Optional(
    Type.String({ maxLength: 64, description: 'Of the channel: `CASH`, `POINTS`, `BALANCE` …' }),
  ),
  transAmount: Type.Optional(PartAmount),
  feeAmount: Type.Optional(Type.Unknown({ description: 'Ignored.' })),
})

/** Where a wallet sends its customer back to. */
const UrlParam = Type.Object({
  url: Type.Optional(returnUrlOf(255)),
  type: Type.Optional(Type.String({ maxLength: 64, description: '`PAY_RETURN`.' })),
  isDeepLink: Type.Optional(anyCase('y', 'n')),
  isDeeplink: Type.Optional(anyCase('y', 'n')),
})

const AdditionalInfo = Type.Object({
  channel: Type.Optional(words(64)),
  isBindAndPay: Type.Optional(flag),
  paymentType: Type.Optional(words(64)),
  successPaymentUrl: Type.Optional(returnUrl),
  failedPaymentUrl: Type.Optional(returnUrl),
  merchantTrxId: Type.Optional(textOrNumber),
  otpStatus: Type.Optional(anyCase('yes', 'no')),
  orderTitle: Type.Optional(words(255)),
  metadata: Type.Optional(Type.Unknown({ description: 'Ignored.' })),
  supportDeepLinkCheckoutUrl: Type.Optional(Type.Unknown({ description: 'Ignored.' })),
  custIdMerchant: Type.Optional(words(64)),
  customer: Type.Optional(Customer),
  lineItems: Type.Optional(Type.Array(LineItem, { maxItems: 1000 })),
  remarks: Type.Optional(words(255)),
  deviceId: Type.Optional(words(400)),
  originalRequestId: Type.Optional(words(64)),
  override_notification_url: Type.Optional(words(1024)),
  overrideNotificationUrl: Type.Optional(words(1024)),
})

/** What else is mandatory depends on the channel's kind of payment: for a KKI card see `paymentVariant`. */
export const PaymentHostToHost = {
  operation: 'payment-host-to-host',
  path: '/direct-debit/core/v1/debit/payment-host-to-host',
  aliases: ['/direct-debit/merchant/allo/v1.0/debit/payment-host-to-host'],
  method: 'POST',
  body: Type.Object({
    partnerReferenceNo: printable(64),
    amount: Amount,
    chargeToken: Type.Optional(
      printable(64, 'KKI: Customer PAN (CPAN), 16 to 20 digits. Elsewhere it is ignored.'),
    ),
    otp: Type.Optional(printable(64, 'KKI: one-time token (OTT), 8 digits. Elsewhere it is ignored.')),
    bankCardToken: Type.Optional(printable(2048)),
    isBindAndPay: Type.Optional(flag),
    journeyId: Type.Optional(printable(64)),
    feeType: Type.Optional(anyCase('our', 'ben', 'sha')),
    payOptionDetails: Type.Optional(Type.Array(PayOption, { maxItems: 100 })),
    urlParam: Type.Optional(Type.Array(UrlParam, { maxItems: 20 })),
    validUpTo: Type.Optional(
      Type.String({ maxLength: 64, description: 'ISO 8601, for wallets that open themselves.' }),
    ),
    pointOfInitiation: Type.Optional(words(64)),
    additionalInfo: Type.Optional(AdditionalInfo),
  }),
  reply: reply({
    webRedirectUrl: Type.Optional(
      Type.String({
        description: 'Where the customer confirms. While it leads somewhere nothing is paid yet.',
      }),
    ),
    referenceNo: Type.Optional(printable(64)),
    partnerReferenceNo: Type.Optional(printable(64)),
    additionalInfo: Type.Optional(Type.Object({ webRedirectUrl: Type.Optional(Type.String()) })),
  }),
} as const

export type PaymentBody = Static<typeof PaymentHostToHost.body>
export type PaymentReply = Static<typeof PaymentHostToHost.reply>
