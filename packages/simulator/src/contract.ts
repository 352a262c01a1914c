import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import {
  Absent,
  Amount,
  AmountValue,
  CardNumber,
  instant,
  Label,
  NetworkToken,
  OneTimeToken,
  oneOf,
  ReferenceNo,
} from './contract-fields.ts'

const Charge = {
  referenceNo: ReferenceNo,
  merchantReferenceNo: Label,
  merchantId: Label,
  amount: Amount,
  expiresAt: instant('From this instant on the charge is refused, not booked.'),
  confirmBy: Type.Optional(
    instant('From this instant on the cardholder cannot confirm any more, and the charge has expired.'),
  ),
}

const CardCharge = Type.Object({
  ...Charge,
  cardNumber: CardNumber,
  oneTimeToken: OneTimeToken,
  tokenise: Type.Optional(Type.Boolean({ description: 'The cardholder is asked to keep the card too.' })),
  networkToken: Absent,
  recurring: Absent,
})

const TokenCharge = Type.Object({
  ...Charge,
  networkToken: NetworkToken,
  oneTimeToken: Type.Optional(OneTimeToken),
  recurring: Type.Optional(Type.Boolean({ description: 'Nobody is asked to confirm.' })),
  cardNumber: Absent,
  tokenise: Absent,
})

export const ChargeBody = Type.Union([CardCharge, TokenCharge])
export type ChargeBody = Static<typeof ChargeBody>

export const ChargeReply = Type.Object({
  referenceNo: ReferenceNo,
  status: oneOf(
    ['approved', 'declined', 'waiting', 'pending', 'reversed'],
    'waiting: the cardholder has to confirm. pending: the issuer has not answered.',
  ),
  resultCode: Type.String({
    description: '00, W0, 09, R0, an ISO 8583 field 39, or X and five SNAP digits.',
  }),
  networkReferenceNo: Type.String(),
  amount: Type.Object(Amount.properties, { description: 'The amount of the charge that the network knows.' }),
  linking: Type.Optional(
    oneOf(['linked', 'declined'], 'Whether the card is kept: of an approved charge with tokenise.'),
  ),
  networkToken: Type.Optional(NetworkToken),
})

export const DuplicateReply = Type.Object({
  ...ChargeReply.properties,
  resultCode: Type.Literal('94'),
  firstResultCode: Type.String({ description: 'The result code of the first charge.' }),
})

export const RefusalReply = Type.Object({
  referenceNo: Type.Optional(Type.String()),
  resultCode: Type.String(),
})

export const BookLine = Type.Object({
  referenceNo: ReferenceNo,
  merchantReferenceNo: Label,
  merchantId: Label,
  status: ChargeReply.properties.status,
  resultCode: Type.String(),
  amount: Amount,
  cardNumber: Type.String({ description: 'First six and last four digits.' }),
  networkReferenceNo: Type.String(),
  at: Type.String({ format: 'date-time' }),
})

export const FAULTS = [
  'drop-before',
  'drop-after',
  'duplicate',
  'late',
  'slow',
  'reset',
  'garbage',
  'empty',
] as const
export type Fault = (typeof FAULTS)[number]

/** What a fault can meet. */
export const OPERATIONS = [
  'charge',
  'binding',
  'verification',
  'resend',
  'unbinding',
  'refund',
  'confirmation',
  'cancellation',
  'balance',
] as const
export type Operation = (typeof OPERATIONS)[number]

export const Next = Type.Object(
  {
    fault: Type.Optional(oneOf(FAULTS)),
    case: Type.Optional(Type.String({ pattern: '^[0-9]{5}$', description: 'A SNAP case, as 40314.' })),
    delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
    times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    match: Type.Optional(
      Type.Object(
        {
          operation: Type.Optional(oneOf(OPERATIONS, 'charge when nothing is said.')),
          referenceNo: Type.Optional(Type.String()),
          merchantReferenceNo: Type.Optional(Type.String()),
          merchantId: Type.Optional(Type.String()),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
export type Next = Static<typeof Next>

export const OUTAGES = ['down', 'hang', 'up'] as const
export const OutageBody = Type.Object({ mode: oneOf(OUTAGES) }, { additionalProperties: false })
export type Outage = (typeof OUTAGES)[number]

export const OneTimeTokenBody = Type.Object(
  {
    cardNumber: CardNumber,
    seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
  },
  { additionalProperties: false },
)

const Flag = Type.Optional(Type.Boolean())

export const Account = Type.Object(
  {
    id: Type.Optional(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,31}$', description: 'Stands for the card in the ledger.' }),
    ),
    cardNumber: CardNumber,
    limit: Type.Union([AmountValue, Type.Null()], { description: 'Per WIB day; null: no limit.' }),
    blocked: Flag,
    expired: Flag,
    dormant: Flag,
    inactive: Flag,
    suspended: Flag,
    note: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type Account = Static<typeof Account>

export const Issuer = Type.Object(
  {
    nns: Type.String({ pattern: '^9360[0-9]{4}$' }),
    name: Type.String(),
    kki: Type.Boolean(),
    note: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type Issuer = Static<typeof Issuer>

/** Compiled once: a charge is checked in under a microsecond. */
export const CHECK = {
  charge: Compile(ChargeBody),
  next: Compile(Next),
  outage: Compile(OutageBody),
  oneTimeToken: Compile(OneTimeTokenBody),
  account: Compile(Account),
  accounts: Compile(Type.Array(Account, { maxItems: 10_000 })),
  issuers: Compile(Type.Array(Issuer, { maxItems: 10_000 })),
}
