import { type Static, type TObject, Type } from 'typebox'
import type { Actor, Administration } from '../partner/administration/administration.ts'
import { CUSTOMER_TOKENS } from '../partner/recipient.ts'
import type { PartnerView } from '../partner/view.ts'
import type { ProblemCode } from './problem.ts'

export interface AdminDeps {
  readonly administration: Administration
  /** PEM of the key with which the gateway signs what partners verify. */
  readonly gatewayPublicKey: string
  readonly channels: readonly { readonly name: string; readonly title: string; readonly isOpen: boolean }[]
  /** How long processes may go by what they knew, in milliseconds. */
  readonly keepMs: number
}

/** A request whose key is good and whose body is as it has to be. */
export interface AdminCall<Body> {
  readonly actor: Actor
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
  readonly body: Body
}

export interface AdminReply {
  /** 200 when absent. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: object
}

/** One row: what is served, what is told about it, and what it does. */
export interface AdminOperation<Body extends TObject = TObject> {
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** As in OpenAPI: `{partnerId}`. */
  readonly path: string
  readonly summary: string
  readonly description?: string
  readonly query?: Readonly<Record<string, { readonly pattern: string; readonly description: string }>>
  readonly body?: Body
  readonly example?: { readonly request?: object; readonly reply: object }
  readonly status?: number
  readonly reply: TObject
  /** Besides those of every request. */
  readonly refusals: readonly ProblemCode[]
  readonly handle: (deps: AdminDeps, call: AdminCall<Static<Body>>) => Promise<AdminReply>
}

/** Gives the handler the type of the body, and the list one type for all. */
export function operation<Body extends TObject>(row: AdminOperation<Body>): AdminOperation {
  return row as unknown as AdminOperation
}

export const PARTNER_PATH = '/admin/v1/partners/{partnerId}'
/** What a change can be refused for. */
export const CHANGE_REFUSALS: readonly ProblemCode[] = ['invalid', 'unknown', 'conflict', 'stale']

export function shape<Members extends Parameters<typeof Type.Object>[0]>(members: Members) {
  return Type.Object(members, { additionalProperties: false })
}

const time = Type.String({ description: 'ISO 8601' })

export const Overlap = Type.Integer({
  minimum: 0,
  maximum: 7_776_000,
  description: 'Seconds for which the earlier key stays good',
})

const Key = shape({
  keyId: Type.String({ description: '`public-1`, `secret-2`, `shared-1`' }),
  kind: Type.Union([Type.Literal('public'), Type.Literal('secret'), Type.Literal('shared')]),
  fingerprint: Type.Optional(Type.String({ description: 'SHA-256 of the SPKI form, in hex' })),
  createdAt: time,
  validUntil: Type.Optional(time),
  lastUsedAt: Type.Optional(Type.String({ description: 'To the minute; absent when it was never used' })),
})

const rate = Type.Union([Type.Integer({ minimum: 0, maximum: 100_000 }), Type.Null()])

export const Limits = shape({
  requestsPerSecond: rate,
  burst: Type.Union([Type.Integer({ minimum: 1, maximum: 200_000 }), Type.Null()]),
  tokensPerSecond: rate,
})

export const Profile = Type.Union([Type.Literal('doku'), Type.Literal('snap')], {
  description: 'Numbers response codes',
})
export const IdempotencyProfile = Type.Union([Type.Literal('doku'), Type.Literal('snap')], {
  description:
    'What a repeated request is answered: the first reply with HTTP 409 (doku), or a bare 409SS00 (snap)',
})
export const State = Type.Union([Type.Literal('active'), Type.Literal('suspended')])
export const Mode = Type.Union([Type.Literal('symmetric'), Type.Literal('asymmetric')])
export const CustomerToken = Type.Union(
  CUSTOMER_TOKENS.map((which) => Type.Literal(which)),
  {
    description:
      'What `Authorization-customer` of a notification carries: the latest token that the gateway issued for the customer, the one that the partner issued to the gateway, or nothing',
  },
)

export const PartnerReply = shape({
  partnerId: Type.String(),
  version: Type.Integer({ description: 'Also in ETag' }),
  name: Type.String(),
  state: State,
  profile: Profile,
  idempotencyProfile: IdempotencyProfile,
  notificationMode: Mode,
  notificationCustomerToken: CustomerToken,
  frameAncestors: Type.Array(Type.String()),
  urls: Type.Array(
    shape({
      channel: Type.String({ description: '`any`: every channel without a URL of its own' }),
      purpose: Type.String(),
      url: Type.String(),
    }),
  ),
  channels: Type.Record(Type.String(), Type.Boolean(), { description: 'A channel that is not named is on' }),
  limits: Limits,
  keys: Type.Array(Key, { description: 'Those that are good, without what is secret' }),
  createdAt: time,
})

export const SecretReply = shape({
  keyId: Type.String(),
  secret: Type.String({ description: 'Shown this once' }),
  partner: PartnerReply,
})

/** A partner, with its version where a client can ask for it. */
export function partnerReply(partner: PartnerView): AdminReply {
  return { headers: { etag: `"${partner.version}"` }, body: partner }
}
