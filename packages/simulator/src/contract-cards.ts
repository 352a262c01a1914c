import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  Amount,
  CardNumber,
  instant,
  Label,
  NetworkToken,
  OneTimeToken,
  oneOf,
  ReferenceNo,
} from './contract-fields.ts'

const ResultCode = Type.String({
  description: '00, W0, 09, an ISO 8583 field 39, or X and five SNAP digits.',
})

export const BindingBody = Type.Object({
  referenceNo: ReferenceNo,
  merchantId: Label,
  merchantReferenceNo: Label,
  customerId: Label,
  cardNumber: CardNumber,
  oneTimeToken: Type.Optional(OneTimeToken),
  phoneNo: Type.Optional(
    Type.String({
      pattern: '^[0-9]{8,16}$',
      description: 'Where the code is sent, as 628…; without it the issuer knows one.',
    }),
  ),
  expiresAt: instant('From this instant on the binding is refused, not booked.'),
})
export type BindingBody = Static<typeof BindingBody>

const BINDING_STATUSES = [
  'otp-sent',
  'pending',
  'bound',
  'declined',
  'blocked',
  'expired',
  'cancelled',
] as const
export type BindingStatus = (typeof BINDING_STATUSES)[number]

export const BindingReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(
    BINDING_STATUSES,
    'otp-sent: the cardholder has a code. pending: the issuer has not answered. expired: the code has; it may be sent again.',
  ),
  resultCode: ResultCode,
  networkReferenceNo: Type.String(),
  otpExpiresAt: Type.Optional(instant('Of the last code sent.')),
  attemptsLeft: Type.Optional(Type.Integer({ minimum: 0 })),
  networkToken: Type.Optional(NetworkToken),
})
export type BindingReply = Static<typeof BindingReply>

export const VerificationBody = Type.Object({
  attempt: Type.Integer({
    minimum: 1,
    maximum: 1_000_000,
    description: 'The same number is answered the same and counts once.',
  }),
  otp: Type.String({ pattern: '^[0-9]{4,8}$', description: 'Never kept.' }),
})
export type VerificationBody = Static<typeof VerificationBody>

export const UnbindingBody = Type.Object({
  referenceNo: ReferenceNo,
  networkToken: NetworkToken,
  merchantId: Label,
})
export type UnbindingBody = Static<typeof UnbindingBody>

export const UnbindingReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(['unbound', 'declined', 'pending']),
  resultCode: ResultCode,
})

export const RefundBody = Type.Object({
  referenceNo: ReferenceNo,
  originalReferenceNo: Type.String({ pattern: '^[0-9]{32}$', description: 'The charge it gives back from.' }),
  merchantId: Label,
  merchantReferenceNo: Label,
  amount: Amount,
  expiresAt: instant('From this instant on the refund is refused, not booked.'),
})
export type RefundBody = Static<typeof RefundBody>

export const RefundReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(['approved', 'declined', 'pending']),
  resultCode: ResultCode,
  networkReferenceNo: Type.String(),
  amount: Amount,
})

export const RefundLine = Type.Object({
  ...RefundReply.properties,
  originalReferenceNo: ReferenceNo,
  merchantReferenceNo: Label,
  merchantId: Label,
  at: Type.String({ format: 'date-time' }),
})

export const InboxMessage = Type.Object({
  at: Type.String({ format: 'date-time' }),
  phone: Type.String(),
  referenceNo: Type.String({ description: 'Of the binding.' }),
  code: Type.String(),
  merchantId: Type.String(),
})
export type InboxMessage = Static<typeof InboxMessage>

export const ClockBody = Type.Object(
  {
    offsetMs: Type.Optional(
      Type.Integer({ minimum: -1e12, maximum: 1e12, description: 'Added to the time of the machine.' }),
    ),
    frozenAt: Type.Optional(
      Type.Union([instant('Time stands still here, whatever the offset.'), Type.Null()], {
        description: 'null: time passes.',
      }),
    ),
  },
  { additionalProperties: false },
)
export type ClockBody = Static<typeof ClockBody>

export const ClockReply = Type.Object({
  now: Type.String({ format: 'date-time' }),
  offsetMs: Type.Integer(),
  frozenAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
})

/** Compiled once. */
export const CHECK_CARDS = {
  binding: Compile(BindingBody),
  verification: Compile(VerificationBody),
  unbinding: Compile(UnbindingBody),
  refund: Compile(RefundBody),
  clock: Compile(ClockBody),
}
