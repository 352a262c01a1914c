import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import type { Profile } from '@gerbang/snap'
import type { Clock } from '../clock.ts'
import type { Sql } from '../database/pool.ts'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import { findPartner } from './store.ts'

/** Who may sign, ready for use. */
export interface Partner {
  readonly partnerId: string
  readonly profile: Profile
  /** A KeyObject: it never prints, and its import is paid once. */
  readonly clientSecret: KeyObject
  readonly publicKey: KeyObject
  /** What the cardholder reads as the shop's name. */
  readonly name: string
  /** Keys of card data in the order in which they are tried. */
  readonly cardDataKeys: readonly Secret[]
  /** Origins that may show the hosted pages in a frame. */
  readonly frameAncestors: readonly string[]
}

export interface PartnerDirectory {
  /** The active partner of that id, or undefined. What is found is kept for a few seconds. */
  find(partnerId: string): Promise<Partner | undefined> | Partner | undefined
}

export interface DirectoryOptions {
  readonly sql: Sql
  readonly vault: Vault
  readonly clock: Clock
  /** How long a partner, or the knowledge that there is none, is kept, in milliseconds. */
  readonly keepMs: number
  /** How many are kept. */
  readonly size: number
}

interface Kept {
  readonly found: Promise<Partner | undefined>
  partner?: Partner | undefined
  readonly since: number
}

/** Partners by id, read through a small cache: one query a partner every few seconds, however many requests. */
export function openDirectory(options: DirectoryOptions): PartnerDirectory {
  const kept = new Map<string, Kept>()
  return {
    find(partnerId) {
      const now = options.clock.now()
      const known = kept.get(partnerId)
      // A clock that was put back must not keep a suspended partner: what is younger than now is not believed.
      const isFresh = known !== undefined && now >= known.since && now - known.since < options.keepMs
      if (isFresh) return known.partner ?? known.found
      const entry: Kept = { found: load(options, partnerId), since: now }
      entry.found.then(
        (partner) => {
          entry.partner = partner
        },
        () => kept.delete(partnerId),
      )
      if (kept.size >= options.size) kept.delete(kept.keys().next().value ?? '')
      kept.set(partnerId, entry)
      return entry.found
    },
  }
}

async function load({ sql, vault }: DirectoryOptions, partnerId: string): Promise<Partner | undefined> {
  const row = await findPartner(sql, partnerId)
  if (row === undefined || row.state !== 'active') return undefined
  const clientSecret = vault.open(row.secret_sealed, secretContext(partnerId))
  const sharedKey =
    row.shared_key_sealed === null ? [] : [vault.open(row.shared_key_sealed, sharedKeyContext(partnerId))]
  return {
    partnerId,
    profile: row.profile,
    clientSecret: createSecretKey(clientSecret, 'utf8'),
    publicKey: createPublicKey(row.public_key_pem),
    name: row.name,
    cardDataKeys: [...sharedKey, clientSecret].map((key) => new Secret(key)),
    frameAncestors: row.frame_ancestors.split(' ').filter((origin) => origin !== ''),
  }
}

export function sharedKeyContext(partnerId: string): string {
  return `${partnerId}|shared-key`
}

export function secretContext(partnerId: string): string {
  return `${partnerId}|client-secret`
}
