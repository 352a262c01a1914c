import { Type } from 'typebox'
import type { PartnerChanges } from '../partner/administration/changes.ts'
import type { Purpose } from '../partner/recipient.ts'
import { PublicKeyText } from './key-operations.ts'
import {
  type AdminCall,
  type AdminDeps,
  type AdminOperation,
  type AdminReply,
  CHANGE_REFUSALS,
  CustomerToken,
  IdempotencyProfile,
  Limits,
  Mode,
  operation,
  PARTNER_PATH,
  PartnerReply,
  Profile,
  partnerReply,
  SecretReply,
  State,
  shape,
} from './operation.ts'
import { A_PARTNER, AN_ADDED_KEY } from './samples.ts'

const Name = Type.String({ minLength: 1, maxLength: 100 })
const PartnerId = Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' })

const change = async ({ administration }: AdminDeps, call: AdminCall<unknown>, changes: PartnerChanges) =>
  partnerReply((await administration.change(call.actor, call.params.partnerId ?? '', changes)).partner)

const changing = {
  reply: PartnerReply,
  refusals: CHANGE_REFUSALS,
} as const

/** The URL that a path names, set or taken away. */
const urlChange = ({ params }: AdminCall<unknown>, url: string | undefined): PartnerChanges => ({
  urls: [{ channel: params.channel, purpose: params.purpose as Purpose, url }],
})

export const PARTNER_OPERATIONS: readonly AdminOperation[] = [
  operation({
    id: 'createPartner',
    method: 'POST',
    path: '/admin/v1/partners',
    summary: 'Register a partner',
    description:
      'The client secret is shown this once. An id that is given makes the request safe to repeat.',
    body: shape({
      partnerId: Type.Optional(PartnerId),
      name: Name,
      publicKey: PublicKeyText,
      profile: Type.Optional(Profile),
      idempotencyProfile: Type.Optional(IdempotencyProfile),
    }),
    example: {
      request: { name: 'Toko Buku', publicKey: AN_ADDED_KEY },
      reply: { keyId: 'secret-1', secret: 'SK-…', partner: A_PARTNER },
    },
    status: 201,
    reply: SecretReply,
    refusals: ['invalid', 'conflict'],
    async handle({ administration }, { actor, body }): Promise<AdminReply> {
      const { publicKey: publicKeyPem, name, partnerId, profile, idempotencyProfile } = body
      const { keyId, secret, partner } = await administration.create(actor, {
        name,
        publicKeyPem,
        ...(partnerId !== undefined && { partnerId }),
        ...(profile !== undefined && { profile }),
        ...(idempotencyProfile !== undefined && { idempotencyProfile }),
      })
      const location = `/admin/v1/partners/${partner.partnerId}`
      return {
        status: 201,
        headers: { location, etag: `"${partner.version}"` },
        body: { keyId, secret, partner },
      }
    },
  }),
  operation({
    id: 'showPartner',
    method: 'GET',
    path: PARTNER_PATH,
    summary: 'All of a partner but its secrets',
    example: { reply: A_PARTNER },
    reply: PartnerReply,
    refusals: ['unknown'],
    handle: async ({ administration }, { params }) =>
      partnerReply(await administration.show(params.partnerId ?? '')),
  }),
  operation({
    id: 'changePartner',
    method: 'PATCH',
    path: PARTNER_PATH,
    summary: 'Change what a partner is like',
    description: 'What is absent stays.',
    body: shape({
      name: Type.Optional(Name),
      profile: Type.Optional(Profile),
      idempotencyProfile: Type.Optional(IdempotencyProfile),
      notificationMode: Type.Optional(Mode),
      notificationCustomerToken: Type.Optional(CustomerToken),
      frameAncestors: Type.Optional(
        Type.Array(Type.String({ maxLength: 300 }), {
          maxItems: 16,
          description: 'Origins that may show the hosted pages in a frame',
        }),
      ),
    }),
    example: { request: { profile: 'snap' }, reply: A_PARTNER },
    ...changing,
    handle: (deps, call) => change(deps, call, call.body),
  }),
  operation({
    id: 'putState',
    method: 'PUT',
    path: `${PARTNER_PATH}/state`,
    summary: 'Suspend a partner, or let it in again',
    description:
      'A suspended partner is refused as an unknown one. What was begun before comes to its end: a customer may confirm on the hosted page, the network is asked, and the partner is told.',
    body: shape({ state: State }),
    example: { request: { state: 'suspended' }, reply: A_PARTNER },
    ...changing,
    handle: (deps, call) => change(deps, call, call.body),
  }),
  operation({
    id: 'putLimits',
    method: 'PUT',
    path: `${PARTNER_PATH}/limits`,
    summary: 'How much a partner may ask for',
    description:
      'Signed requests and access tokens in a second, and how many requests at once. Null leaves it to the settings, 0 is no limit. More are refused with `429SS00` and `Retry-After`, before anything is used up.',
    body: Limits,
    example: { request: { requestsPerSecond: 50, burst: 100, tokensPerSecond: null }, reply: A_PARTNER },
    ...changing,
    handle: (deps, call) => change(deps, call, { limits: call.body }),
  }),
  operation({
    id: 'putChannel',
    method: 'PUT',
    path: `${PARTNER_PATH}/channels/{channel}`,
    summary: 'Turn a channel on or off',
    description:
      'Every channel is on until it is turned off. While it is off, what would begin something is refused with `403SS01`: a binding, a code, a payment, a balance. Refunds, unbindings, cancellations and status go on.',
    body: shape({ isOn: Type.Boolean() }),
    example: { request: { isOn: false }, reply: A_PARTNER },
    ...changing,
    handle: (deps, call) =>
      change(deps, call, { channels: [{ channel: call.params.channel ?? '', isOn: call.body.isOn }] }),
  }),
  operation({
    id: 'putUrl',
    method: 'PUT',
    path: `${PARTNER_PATH}/urls/{channel}/{purpose}`,
    summary: 'Where a partner is told',
    description:
      'The channel `any` stands for every channel that has no URL of its own. Purposes: `notification`, `binding` and `token`.',
    body: shape({ url: Type.String({ minLength: 8, maxLength: 1024 }) }),
    example: { request: { url: 'https://shop.example/notify' }, reply: A_PARTNER },
    ...changing,
    handle: (deps, call) => change(deps, call, urlChange(call, call.body.url)),
  }),
  operation({
    id: 'deleteUrl',
    method: 'DELETE',
    path: `${PARTNER_PATH}/urls/{channel}/{purpose}`,
    summary: 'Tell a partner no more',
    example: { reply: A_PARTNER },
    ...changing,
    handle: (deps, call) => change(deps, call, urlChange(call, undefined)),
  }),
]
