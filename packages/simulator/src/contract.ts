import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'

const ReferenceNo = Type.String({
  pattern: '^[0-9]{32}$',
  description: "The caller's number, unique for ever.",
})
const CardNumber = Type.String({ pattern: '^9360[0-9]{12,16}$', description: 'CPAN.' })
const AmountValue = Type.String({ pattern: '^(?!0+\\.00$)[0-9]{1,16}\\.[0-9]{2}$' })
const Amount = Type.Object({ value: AmountValue, currency: Type.Literal('IDR') })
const Label = Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f]+$' })

export const ChargeBody = Type.Object({
  referenceNo: ReferenceNo,
  merchantReferenceNo: Label,
  merchantId: Label,
  cardNumber: CardNumber,
  oneTimeToken: Type.String({ pattern: '^[0-9]{8}$', description: 'OTT from the issuer app; never kept.' }),
  amount: Amount,
  expiresAt: Type.String({
    maxLength: 40,
    format: 'date-time',
    description: 'From this instant on the charge is refused, not booked.',
  }),
  confirmBy: Type.Optional(
    Type.String({
      maxLength: 40,
      format: 'date-time',
      description: 'From this instant on the cardholder cannot confirm any more, and the charge has expired.',
    }),
  ),
})
export type ChargeBody = Static<typeof ChargeBody>

export const ChargeReply = Type.Object({
  referenceNo: ReferenceNo,
  status: Type.Union(
    ['approved', 'declined', 'waiting', 'pending', 'reversed'].map((word) => Type.Literal(word)),
    { description: 'waiting: the cardholder has to confirm. pending: the issuer has not answered.' },
  ),
  resultCode: Type.String({
    description: '00, W0, 09, R0, an ISO 8583 field 39, or X and five SNAP digits.',
  }),
  networkReferenceNo: Type.String(),
  amount: Type.Object(Amount.properties, { description: 'The amount of the charge that the network knows.' }),
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

export const Next = Type.Object(
  {
    fault: Type.Optional(Type.Union(FAULTS.map((fault) => Type.Literal(fault)))),
    case: Type.Optional(Type.String({ pattern: '^[0-9]{5}$', description: 'A SNAP case, as 40314.' })),
    delayMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 600_000 })),
    times: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    match: Type.Optional(
      Type.Object(
        {
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
export const OutageBody = Type.Object(
  { mode: Type.Union(OUTAGES.map((mode) => Type.Literal(mode))) },
  { additionalProperties: false },
)
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
