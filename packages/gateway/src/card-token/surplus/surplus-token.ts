import { randomBytes } from 'node:crypto'
import type { Sql } from '../../database/pool.ts'
import { newReferenceNo } from '../../reference-no.ts'
import { Secret } from '../../secret.ts'
import type { Vault } from '../../vault/vault.ts'
import { insertSurplus, listRefused, reopenSurplus, withdrawSurplus } from './store.ts'

/** A network token that no kept card is paid with: the network is to forget it. */
export interface SurplusToken {
  readonly partnerId: string
  /** The channel's canonical name. */
  readonly channel: string
  /** Of the kept card that it belongs to; undefined when there is none. */
  readonly bankCardToken: string | undefined
  readonly networkToken: Secret
  /** Epoch milliseconds. */
  readonly at: number
  /** Before when nobody tells the network. */
  readonly dueAt: number
}

/** One that the network has to be told of. */
export interface DueSurplus extends Omit<SurplusToken, 'networkToken' | 'at' | 'dueAt'> {
  readonly surplusNo: string
  /** Under which the network is told. */
  readonly referenceNo: string
  readonly sealed: string
  /** `unresolved`: the network was asked, and what it did is not known. */
  readonly state: 'requested' | 'unresolved'
  /** How often it was taken up, this time included. */
  readonly tries: number
  /** Epoch milliseconds: since when it is to be forgotten. */
  readonly wantedAt: number
}

/** Has the network told of a surplus token from the commit of `sql` on. One that is on its way already is left alone. */
export function addSurplus(sql: Sql, vault: Vault, surplus: SurplusToken): Promise<void> {
  const { partnerId, networkToken, at } = surplus
  const surplusNo = randomBytes(16).toString('hex')
  return insertSurplus(sql, {
    ...surplus,
    surplusNo,
    referenceNo: newReferenceNo(at),
    lookup: tokenLookup(vault, surplus),
    sealed: vault.seal(networkToken.reveal(), surplusContext(partnerId, surplusNo)),
  })
}

/** A token that is in use again is not to be forgotten. `at` in epoch milliseconds. */
export function withdraw(
  sql: Sql,
  vault: Vault,
  token: Pick<SurplusToken, 'partnerId' | 'channel' | 'networkToken' | 'at'>,
): Promise<void> {
  return withdrawSurplus(sql, { ...token, lookup: tokenLookup(vault, token) })
}

/** What the network has refused to forget of a card it is told of again, under a new number: the old one is answered as before. */
export async function reopenRefused(
  sql: Sql,
  card: { readonly partnerId: string; readonly bankCardToken: string },
  at: number,
): Promise<void> {
  const { partnerId } = card
  for (const surplusNo of await listRefused(sql, card))
    await reopenSurplus(sql, { partnerId, surplusNo, referenceNo: newReferenceNo(at) }, at)
}

/** What the network is told of it. Throws when no key of the vault opens it. */
export function openSurplus(
  vault: Vault,
  { partnerId, surplusNo, sealed }: Pick<DueSurplus, 'partnerId' | 'surplusNo' | 'sealed'>,
): Secret {
  return new Secret(vault.open(sealed, surplusContext(partnerId, surplusNo)))
}

export function surplusContext(partnerId: string, surplusNo: string): string {
  return `${partnerId}|${surplusNo}|surplus-token`
}

function tokenLookup(
  vault: Vault,
  { partnerId, channel, networkToken }: Pick<SurplusToken, 'partnerId' | 'channel' | 'networkToken'>,
): Buffer {
  return vault.digest('network-token', `${partnerId}|${channel}|${networkToken.reveal()}`)
}
