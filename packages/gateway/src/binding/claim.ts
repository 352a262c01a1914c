import { SnapError } from '@gerbang/snap'
import { isCardLeaving } from '../card-token/card-token.ts'
import type { Sql } from '../database/pool.ts'
import type { StoredReply } from '../reply.ts'
import { claimOrReplay } from '../request-id/sealed-reply.ts'
import type { Vault } from '../vault/vault.ts'
import type { Binding } from './binding.ts'
import type { BindOrder } from './order.ts'
import { isCancellable, isLost } from './states.ts'
import { findByPartnerReference, insertBinding, lockPair, lockText } from './store.ts'

export type Claimed =
  | { readonly kind: 'claimed'; readonly superseded: readonly Binding[] }
  | { readonly kind: 'replay'; readonly reply: StoredReply }

export interface ClaimDeps {
  readonly vault: Vault
  /** Calls off a pending binding within the transaction: the customer begins anew. */
  readonly callOff: (sql: Sql, binding: Binding) => Promise<unknown>
  /** What a hosted page needs to be found. */
  readonly openPage: (sql: Sql, binding: Binding) => Promise<void>
}

/**
 * Claims the request id and writes the binding, within the transaction of `sql`. Throws SnapError `conflict`,
 * `duplicatePartnerReferenceNo`, `inconsistentRequest`, `inactiveCard` or, of an account, `transactionNotPermitted` when somebody was
 * first.
 */
export async function claimBinding(sql: Sql, deps: ClaimDeps, order: BindOrder): Promise<Claimed> {
  const { binding, request } = order
  const { referenceNo } = binding
  const reply = await claimOrReplay(sql, deps.vault, { ...request, referenceNo })
  if (reply !== undefined) return { kind: 'replay', reply }
  await refuseKnownReference(sql, binding)
  const superseded = await clearPair(sql, deps, binding)
  await insertBinding(sql, binding)
  if (binding.flow === 'DH') await deps.openPage(sql, binding)
  return { kind: 'claimed', superseded }
}

/** A reference is free again when whatever was tried under it has failed. */
async function refuseKnownReference(sql: Sql, binding: Binding): Promise<void> {
  const { partnerId, partnerReferenceNo } = binding
  if (partnerReferenceNo === undefined) return
  await lockText(sql, `binding-reference|${partnerId}|${partnerReferenceNo}`)
  const known = await findByPartnerReference(sql, partnerId, partnerReferenceNo)
  const living = known.find(({ state }) => !isLost(state))
  if (living === undefined) return
  throw new SnapError(isSamePair(living, binding) ? 'duplicatePartnerReferenceNo' : 'inconsistentRequest')
}

function isSamePair(one: Binding, other: Binding): boolean {
  return (
    one.cardLookup.equals(other.cardLookup) &&
    one.custIdMerchant === other.custIdMerchant &&
    one.channel === other.channel
  )
}

const OF_ANOTHER = 'Account already registered by another customer'
const OF_THE_SAME = 'Account Already Registered'

/** Makes way for a new binding of this card and this customer, or throws when there is none to be made. */
async function clearPair(sql: Sql, deps: ClaimDeps, binding: Binding): Promise<readonly Binding[]> {
  const { partnerId, channel, kind, cardLookup, custIdMerchant } = binding
  const owner = kind === 'account' ? '' : custIdMerchant
  await lockText(sql, `binding-pair|${partnerId}|${channel}|${owner}|${cardLookup.toString('base64')}`)
  const known = await lockPair(sql, binding)
  if (known.some((other) => other.custIdMerchant !== custIdMerchant))
    throw new SnapError('transactionNotPermitted', { detail: OF_ANOTHER })
  const states = known.map(({ state }) => state)
  if (states.includes('unbinding') || (await isCardLeaving(sql, binding))) throw new SnapError('inactiveCard')
  if (states.includes('active')) throw refusalOfKept(binding)
  if (!states.every(isCancellable)) throw new SnapError('conflict')
  for (const pending of known) await deps.callOff(sql, pending)
  return known
}

/** An account is no reference of the partner's that could be a duplicate. */
function refusalOfKept({ kind }: Binding): SnapError {
  if (kind === 'card') return new SnapError('duplicatePartnerReferenceNo')
  return new SnapError('transactionNotPermitted', { detail: OF_THE_SAME })
}
