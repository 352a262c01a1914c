import { type Static, type TSchema, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Absent, Amount, AmountValue, instant, Label, oneOf, ReferenceNo } from '../contract-fields.ts'

const ResultCode = Type.String({
  description: '00, W0, 09, R0, an ISO 8583 field 39, or X and five SNAP digits.',
})
const PhoneNo = Type.String({ pattern: '^[0-9]{8,16}$', description: 'As 628…' })
const NetworkToken = Type.String({
  pattern: '^[A-Za-z0-9_-]{8,64}$',
  description: 'Stands for an account or card, at one merchant.',
})
const Step = oneOf(['otp', 'pin', 'app'], 'What the customer has to do next.')
const BalanceName = Type.String({ pattern: '^[A-Z]{1,32}$', description: 'As the bank tells it.' })
const Nought = Type.String({ pattern: '^[0-9]{1,16}\\.[0-9]{2}$' })
const AnyAmount = Type.Object({ value: Nought, currency: Type.Literal('IDR') })
const Asked = {
  otpExpiresAt: Type.Optional(instant('Of the last code sent; absent when none was.')),
  attemptsLeft: Type.Optional(Type.Integer({ minimum: 0 })),
}

export const BankBindingBody = Type.Object({
  referenceNo: ReferenceNo,
  merchantId: Label,
  merchantReferenceNo: Label,
  customerId: Label,
  phoneNo: PhoneNo,
  card: Type.Optional(
    Type.Object({
      number: Type.String({
        pattern: '^[0-9]{4,19}$',
        description: 'All digits or the last four, as the bank wants.',
      }),
      expiry: Type.Optional(Type.String({ pattern: '^(0[1-9]|1[0-2])[0-9]{2}$', description: 'MMYY' })),
    }),
  ),
  device: Type.Optional(
    Type.Object({
      deviceModel: Type.Optional(Label),
      osType: Type.Optional(Label),
      channelId: Type.Optional(Label),
    }),
  ),
  expiresAt: instant('From this instant on the binding is refused, not booked.'),
})
export type BankBindingBody = Static<typeof BankBindingBody>

export const BankBindingReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(
    [
      'otp-wanted',
      'otp-sent',
      'pin-wanted',
      'pending',
      'bound',
      'declined',
      'blocked',
      'expired',
      'cancelled',
    ],
    'otp-wanted: a code is sent when it is asked for. otp-sent, pin-wanted: the customer is asked. expired: the code has.',
  ),
  resultCode: ResultCode,
  networkReferenceNo: Type.String(),
  ...Asked,
  networkToken: Type.Optional(NetworkToken),
})
export type BankBindingReply = Static<typeof BankBindingReply>

export const BankVerificationBody = Type.Object({
  step: oneOf(['otp', 'pin']),
  attempt: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    description: 'The same number of the same step is answered the same and counts once.',
  }),
  code: Type.String({ pattern: '^[0-9]{4,8}$', description: 'Never kept.' }),
})
export type BankVerificationBody = Static<typeof BankVerificationBody>

const Charge = {
  referenceNo: ReferenceNo,
  merchantId: Label,
  merchantReferenceNo: Label,
  amount: Amount,
  expiresAt: instant('From this instant on the charge is refused, not booked.'),
  confirmBy: instant(
    'From this instant on the customer cannot confirm any more, and the charge has expired.',
  ),
}

const GrantCharge = Type.Object({
  ...Charge,
  networkToken: NetworkToken,
  recurring: Type.Optional(Type.Boolean({ description: 'Nobody is asked to confirm.' })),
  canAskPin: Type.Optional(Type.Boolean({ description: 'A PIN can be asked for after the code.' })),
  payOptions: Type.Optional(
    Type.Array(Type.Object({ method: BalanceName, amount: Amount }), {
      minItems: 1,
      maxItems: 10,
      description: 'From which balances it is taken; together the amount. Absent: from the first one.',
    }),
  ),
  returnUrl: Absent,
  orderTitle: Absent,
})

const PageCharge = Type.Object({
  ...Charge,
  returnUrl: Type.Optional(Type.String({ maxLength: 2048 })),
  orderTitle: Type.Optional(Type.String({ maxLength: 255 })),
  networkToken: Absent,
  recurring: Absent,
  canAskPin: Absent,
  payOptions: Absent,
})

export const BankChargeBody = Type.Union([GrantCharge, PageCharge])
export type BankChargeBody = Static<typeof BankChargeBody>

export const BankChargeReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(
    ['approved', 'declined', 'waiting', 'pending', 'reversed'],
    'waiting: the customer has to confirm. reversed: called off, and what was taken is given back.',
  ),
  resultCode: ResultCode,
  networkReferenceNo: Type.String(),
  amount: Amount,
  step: Type.Optional(Step),
  redirectUrl: Type.Optional(
    Type.String({ description: 'Where the customer confirms, if it is on a page.' }),
  ),
  ...Asked,
})
export type BankChargeReply = Static<typeof BankChargeReply>

export const BankUnbindingBody = Type.Object({
  referenceNo: ReferenceNo,
  merchantId: Label,
  networkToken: NetworkToken,
  canAskOtp: Type.Optional(
    Type.Boolean({ description: 'The customer can be asked for a code, if the bank wants one.' }),
  ),
})
export type BankUnbindingBody = Static<typeof BankUnbindingBody>

export const BankUnbindingReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(
    ['otp-sent', 'unbound', 'declined', 'pending'],
    'otp-sent: the customer is asked. A code that has expired, or the fifth wrong one, declines it.',
  ),
  resultCode: ResultCode,
  ...Asked,
})
export type BankUnbindingReply = Static<typeof BankUnbindingReply>

export const BalanceBody = Type.Object({
  inquiryNo: Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$', description: 'Said again in the answer.' }),
  merchantId: Label,
  networkToken: NetworkToken,
})
export type BalanceBody = Static<typeof BalanceBody>

export const BalanceReply = Type.Object({
  inquiryNo: Type.String(),
  resultCode: ResultCode,
  balances: Type.Optional(
    Type.Array(Type.Object({ type: Type.String(), amount: AnyAmount, hold: AnyAmount })),
  ),
})

export const Person = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
    name: Type.String({ maxLength: 70 }),
    phoneNo: PhoneNo,
    pin: Type.Optional(Type.String({ pattern: '^[0-9]{6}$' })),
    balance: Nought,
    balances: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Z]{1,32}$' }), Nought, {
        description: 'In the other balances, such as POINTS; what is not named is as usual there.',
      }),
    ),
    limit: Type.Union([AmountValue, Type.Null()], { description: 'Per bank and WIB day; null: no limit.' }),
    cardNumber: Type.Optional(Type.String({ pattern: '^[0-9]{12,19}$' })),
    cardExpiry: Type.Optional(Type.String({ pattern: '^(0[1-9]|1[0-2])[0-9]{2}$' })),
    appSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
    appAnswer: Type.Optional(oneOf(['approve', 'decline'])),
    state: Type.Optional(oneOf(['blocked', 'dormant', 'inactive', 'suspended', 'unknown'])),
    note: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type Person = Static<typeof Person>

export const BANK_SCHEMAS = {
  BankBindingBody,
  BankBindingReply,
  BankVerificationBody,
  BankChargeBody,
  BankChargeReply,
  BankUnbindingBody,
  BankUnbindingReply,
  BalanceBody,
  BalanceReply,
  Person,
} satisfies Record<string, TSchema>

/** Compiled once. */
export const CHECK_BANKS = {
  binding: Compile(BankBindingBody),
  verification: Compile(BankVerificationBody),
  charge: Compile(BankChargeBody),
  unbinding: Compile(BankUnbindingBody),
  balance: Compile(BalanceBody),
  people: Compile(Type.Array(Person, { maxItems: 10_000 })),
}
