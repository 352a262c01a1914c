import type { Sql } from '../../database/pool.ts'
import type { Vault } from '../../vault/vault.ts'
import { keyContext } from '../keys.ts'
import { ChangeRefused } from '../refused.ts'
import { fingerprintOf, type KeyView, type PartnerView } from '../view.ts'
import { addKey, putKeyEnd } from './store.ts'

export interface KeyDeps {
  readonly sql: Sql
  readonly vault: Vault
  /** Epoch milliseconds. */
  readonly now: number
}

const LONGEST_OVERLAP_SECONDS = 90 * 86_400

export function checkOverlap(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > LONGEST_OVERLAP_SECONDS)
    throw new ChangeRefused(
      'invalid',
      `An overlap is a whole number of seconds from 0 to ${LONGEST_OVERLAP_SECONDS}`,
    )
}

export function checkSharedKey(text: string): void {
  // Its first sixteen characters are the cipher's key; what is shorter is filled up with what everybody knows.
  if (!/^[!-~]{16,256}$/.test(text))
    throw new ChangeRefused('invalid', 'A shared key has 16 to 256 printable characters without blanks')
}

/** The key in use is added no second time. Throws ChangeRefused `conflict` for one that is ending, and when two are good already. */
export async function addPublicKey(
  { sql, now }: KeyDeps,
  { partnerId, keys }: PartnerView,
  { publicKeyPem, overlapSeconds }: { publicKeyPem: string; overlapSeconds?: number | undefined },
): Promise<void> {
  const known = keys.filter(({ kind }) => kind === 'public')
  const same = known.find(({ fingerprint }) => fingerprint === fingerprintOf(publicKeyPem))
  // Whoever takes an old key back must not read success and lose it at its end all the same.
  if (same?.validUntil !== undefined)
    throw new ChangeRefused(
      'conflict',
      `${same.keyId} is that key, and is good until ${same.validUntil} only`,
    )
  if (same !== undefined) return
  if (known.length > 1)
    throw new ChangeRefused(
      'conflict',
      `Two public keys are good already: end ${known.map(({ keyId }) => keyId).join(' or ')} first`,
    )
  await addKey(sql, partnerId, { kind: 'public', publicKeyPem, createdAt: new Date(now) })
  if (overlapSeconds === undefined) return
  const validUntil = new Date(now + overlapSeconds * 1000)
  for (const { keyId } of known) await putKeyEnd(sql, partnerId, { keyId, validUntil })
}

/** A new secret takes over, and the one before serves until its end. Throws ChangeRefused `conflict` while another such change is under way. */
export async function replaceSecret(
  { sql, vault, now }: KeyDeps,
  { partnerId, keys }: PartnerView,
  { kind, secret, overlapSeconds }: { kind: 'secret' | 'shared'; secret: string; overlapSeconds: number },
): Promise<string> {
  const known = keys.filter((key) => key.kind === kind)
  const ending = known.find(({ validUntil }) => validUntil !== undefined)
  if (ending !== undefined)
    throw new ChangeRefused(
      'conflict',
      `${ending.keyId} is still good until ${ending.validUntil}: end it first`,
    )
  const validUntil = new Date(now + overlapSeconds * 1000)
  for (const { keyId } of known) await putKeyEnd(sql, partnerId, { keyId, validUntil })
  const sealed = vault.seal(secret, keyContext(partnerId, `${kind}-`))
  return addKey(sql, partnerId, { kind, sealed, createdAt: new Date(now) })
}

/** Throws ChangeRefused: `unknown` for a key that is not good, `conflict` for one that the partner cannot be without. */
export async function endKey(
  { sql, now }: KeyDeps,
  { partnerId, keys }: PartnerView,
  keyId: string,
): Promise<void> {
  const key = keys.find((one) => one.keyId === keyId)
  if (key === undefined) throw new ChangeRefused('unknown', `Partner ${partnerId} has no key ${keyId}`)
  const others = keys.filter((one) => one.kind === key.kind && one.keyId !== keyId)
  const reason = whyNeeded(key, others)
  if (reason !== undefined) throw new ChangeRefused('conflict', reason)
  await putKeyEnd(sql, partnerId, { keyId, validUntil: new Date(now) })
  // Who takes a new public key back is left with the earlier one, and that without an end.
  const isLeft = key.kind === 'public' && others.every(({ validUntil }) => validUntil !== undefined)
  for (const other of isLeft ? others : [])
    await putKeyEnd(sql, partnerId, { keyId: other.keyId, validUntil: null })
}

function whyNeeded({ kind, keyId, validUntil }: KeyView, others: readonly KeyView[]): string | undefined {
  if (kind === 'public' && others.length === 0) return `${keyId} is the only public key: add another first`
  if (kind === 'secret' && validUntil === undefined) return `${keyId} is the secret in use: rotate it instead`
  return undefined
}
