import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import type { KeyKind, KeyRow } from './store.ts'

/** A key of a partner, imported: a KeyObject never prints, and its import is paid once. */
export interface PartnerKey {
  readonly keyId: string
  readonly key: KeyObject
  /** Epoch milliseconds; undefined for the key to use. */
  readonly validUntil: number | undefined
  readonly isUsed: boolean
}

/** A text that is a key, of which functions outside want the text. */
export interface PartnerText {
  readonly keyId: string
  readonly text: Secret
  /** A key of card data alone; else it is a client secret. */
  readonly isShared: boolean
  readonly validUntil: number | undefined
}

/** An earlier key serves until its end and not a moment longer, however long the partner has been kept in memory. */
export function isValid({ validUntil }: { readonly validUntil: number | undefined }, now: number): boolean {
  return validUntil === undefined || validUntil > now
}

export function secretContext(partnerId: string): string {
  return `${partnerId}|client-secret`
}

export function sharedKeyContext(partnerId: string): string {
  return `${partnerId}|shared-key`
}

/** Under what the secret part of a key is sealed: its id begins with its kind. */
export function keyContext(partnerId: string, keyId: string): string {
  return keyId.startsWith('shared-') ? sharedKeyContext(partnerId) : secretContext(partnerId)
}

/** The partner's own keys with which it signs for tokens. */
export function publicKeysOf(rows: readonly KeyRow[]): readonly PartnerKey[] {
  return ofKind(rows, 'public').map((row) => imported(row, createPublicKey(row.publicKeyPem ?? '')))
}

/** Client secrets, the one to use first. */
export function secretsOf(rows: readonly KeyRow[], vault: Vault, partnerId: string): readonly PartnerKey[] {
  return ofKind(rows, 'secret').map((row) =>
    imported(row, createSecretKey(vault.open(row.sealed ?? '', secretContext(partnerId)), 'utf8')),
  )
}

/** Keys of card data in the order in which they are tried: shared keys, then client secrets, each the one to use first. */
export function cardDataKeysOf(
  rows: readonly KeyRow[],
  vault: Vault,
  partnerId: string,
): readonly PartnerText[] {
  return [...ofKind(rows, 'shared'), ...ofKind(rows, 'secret')].map(
    ({ keyId, kind, sealed, validUntil }) => ({
      keyId,
      isShared: kind === 'shared',
      text: new Secret(vault.open(sealed ?? '', keyContext(partnerId, keyId))),
      validUntil: validUntil ?? undefined,
    }),
  )
}

function ofKind(rows: readonly KeyRow[], kind: KeyKind): readonly KeyRow[] {
  return rows.filter((row) => row.kind === kind && (kind === 'public' || row.sealed !== null))
}

function imported({ keyId, validUntil, lastUsedAt }: KeyRow, key: KeyObject): PartnerKey {
  return { keyId, key, validUntil: validUntil ?? undefined, isUsed: lastUsedAt !== null }
}
