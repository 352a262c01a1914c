import { Type } from 'typebox'
import type { Rotated } from '../partner/administration/administration.ts'
import { fingerprintOf } from '../partner/view.ts'
import {
  type AdminOperation,
  type AdminReply,
  CHANGE_REFUSALS,
  Overlap,
  operation,
  PARTNER_PATH,
  PartnerReply,
  partnerReply,
  SecretReply,
  shape,
} from './operation.ts'
import { A_PARTNER, AN_ADDED_KEY } from './samples.ts'

const DAY_SECONDS = 86_400

function secretReply({ keyId, secret, partner }: Rotated): AdminReply {
  return { status: 201, headers: { etag: `"${partner.version}"` }, body: { keyId, secret, partner } }
}

export const PublicKeyText = Type.String({
  minLength: 1,
  maxLength: 8192,
  description: 'PEM of an RSA public key, SPKI or PKCS#1, at least 2048 bits',
})

/** Keys of partners: each kind is changed with an overlap, in which the earlier key and the new one are good. */
export const KEY_OPERATIONS: readonly AdminOperation[] = [
  operation({
    id: 'addPublicKey',
    method: 'POST',
    path: `${PARTNER_PATH}/keys/public`,
    summary: 'Add a public key',
    description:
      'Beside the one there is. With `overlapSeconds` that one ends by itself, else when somebody ends it. Two are good at the same time at most; the same key is added once.',
    body: shape({ publicKey: PublicKeyText, overlapSeconds: Type.Optional(Overlap) }),
    example: { request: { publicKey: AN_ADDED_KEY, overlapSeconds: DAY_SECONDS }, reply: A_PARTNER },
    reply: PartnerReply,
    refusals: CHANGE_REFUSALS,
    async handle({ administration }, { actor, params, body }) {
      const { publicKey: publicKeyPem, overlapSeconds } = body
      const key = { publicKeyPem, overlapSeconds }
      return partnerReply((await administration.addPublicKey(actor, params.partnerId ?? '', key)).partner)
    },
  }),
  operation({
    id: 'rotateSecret',
    method: 'POST',
    path: `${PARTNER_PATH}/keys/secret`,
    summary: 'Give the partner a new client secret',
    description:
      'The new one is shown this once. Requests signed with either are taken until the overlap, a day unless asked otherwise, has passed or the earlier key is ended. Notifications are signed with the earlier one until the partner has used the new one; one that is answered 401 is sent again, signed with the other.',
    body: shape({ overlapSeconds: Type.Optional(Overlap) }),
    example: {
      request: { overlapSeconds: DAY_SECONDS },
      reply: { keyId: 'secret-2', secret: 'SK-…', partner: A_PARTNER },
    },
    status: 201,
    reply: SecretReply,
    refusals: CHANGE_REFUSALS,
    handle: async ({ administration }, { actor, params, body }) =>
      secretReply(
        await administration.rotateSecret(actor, params.partnerId ?? '', body.overlapSeconds ?? DAY_SECONDS),
      ),
  }),
  operation({
    id: 'putSharedKey',
    method: 'POST',
    path: `${PARTNER_PATH}/keys/shared`,
    summary: 'Set the key of card data',
    description:
      'Where it is not the client secret. Made when absent. Card data is opened with the new key, then the earlier one until its overlap has passed, then the client secrets.',
    body: shape({
      sharedKey: Type.Optional(Type.String({ minLength: 16, maxLength: 256, pattern: '^[!-~]+$' })),
      overlapSeconds: Type.Optional(Overlap),
    }),
    example: { request: {}, reply: { keyId: 'shared-1', secret: '…', partner: A_PARTNER } },
    status: 201,
    reply: SecretReply,
    refusals: CHANGE_REFUSALS,
    async handle({ administration }, { actor, params, body }) {
      const { sharedKey, overlapSeconds = DAY_SECONDS } = body
      const key = { sharedKey, overlapSeconds }
      return secretReply(await administration.putSharedKey(actor, params.partnerId ?? '', key))
    },
  }),
  operation({
    id: 'endKey',
    method: 'DELETE',
    path: `${PARTNER_PATH}/keys/{keyId}`,
    summary: 'End a key at once',
    description:
      'The earlier secret of a rotation, either of two public keys, or a shared key. The only public key and the secret in use are not ended: they are replaced.',
    example: { reply: A_PARTNER },
    reply: PartnerReply,
    refusals: CHANGE_REFUSALS,
    handle: async ({ administration }, { actor, params }) =>
      partnerReply((await administration.endKey(actor, params.partnerId ?? '', params.keyId ?? '')).partner),
  }),
  operation({
    id: 'showGatewayKey',
    method: 'GET',
    path: '/admin/v1/gateway-key',
    summary: 'The public key of the gateway',
    description: 'To be handed out: partners verify with it who asks for their tokens and who notifies them.',
    example: { reply: { publicKey: AN_ADDED_KEY, fingerprint: '…' } },
    reply: shape({ publicKey: Type.String(), fingerprint: Type.String() }),
    refusals: [],
    handle: async ({ gatewayPublicKey }) => ({
      body: { publicKey: gatewayPublicKey, fingerprint: fingerprintOf(gatewayPublicKey) },
    }),
  }),
]
