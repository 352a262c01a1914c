import { randomBytes } from 'node:crypto'
import { openConfiguredVault } from '../src/config.ts'
import { openDatabase } from '../src/database/pool.ts'
import { readConfig } from '../src/index.ts'
import { keyIdOf } from '../src/vault/vault.ts'
import { type Key, START } from '../src/vault-rotation/store.ts'
import { ROTATED } from '../src/vault-rotation/vault-rotation.ts'
import type { Stage } from './stage.ts'

export interface KeyRing {
  /** The environment of a process that seals under the first of the two keys and opens what either sealed. */
  env(first: 'k1' | 'k2'): Record<string, string>
}

/** The stage's own key, k1, and a new one. */
export function twoKeys(stage: Stage): KeyRing {
  const old = String(stage.env.GERBANG_CARD_KEYS)
  const fresh = `k2:${randomBytes(32).toString('base64')}`
  return {
    env: (first) => ({
      ...stage.env,
      GERBANG_CARD_KEYS: (first === 'k1' ? [old, fresh] : [fresh, old]).join(','),
    }),
  }
}

/** Failed payments whose card numbers are sealed under the stage's first key: rows enough to be busy with. */
export async function addSealedPayments(stage: Stage, count: number): Promise<void> {
  const vault = openConfiguredVault(stage.config)
  const { partnerId } = stage.merchant.keys
  const numbers = Array.from({ length: count }, (_, n) => `SEALED${String(n).padStart(20, '0')}`)
  const sealed = numbers.map((number) => vault.seal(cardOf(number), `${partnerId}|${number}|card`))
  await stage.query(
    `insert into payments (partner_id, reference_no, partner_reference_no, released, external_id, request_date, channel,
       issuer_number, amount_minor, card_sealed, card_lookup, state, outcome, created_at, expires_at, settled_at)
     select $1, number, number, number, number, current_date, 'KKI', '93600002', 100, sealed, sha256(number::bytea),
            'declined', 'doNotHonor', now(), now(), now()
       from unnest($2::text[], $3::text[]) as a (number, sealed)`,
    [partnerId, numbers, sealed],
  )
}

/** The card number that such a payment was made with. */
export function cardOf(number: string): string {
  return `9360${number.slice(-15)}`
}

export interface Opened {
  readonly place: string
  readonly keyId: string
  readonly text: string
}

/** Opens everything that the rotation is about, in the order of its keys. Throws when one value does not open. */
export async function openEverything(stage: Stage, env: Record<string, string>): Promise<readonly Opened[]> {
  const vault = openConfiguredVault(readConfig(env))
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 10_000 })
  const opened: Opened[] = []
  for (const column of ROTATED) {
    for (let after: Key | undefined = START; after !== undefined; ) {
      const { rows, next } = await column.read(database.sql, after, 1_000)
      for (const { key, sealed } of rows) {
        if (sealed === null) continue
        opened.push({
          place: `${column.table}.${column.column} ${key.slice(1).join(' ')}`,
          keyId: keyIdOf(sealed),
          text: vault.open(sealed, column.contextOf(key)),
        })
      }
      after = next
    }
  }
  await database.close()
  return opened
}

export const textsOf = (opened: readonly Opened[]) => opened.map(({ place, text }) => `${place} ${text}`)
export const keysOf = (opened: readonly Opened[]) => [...new Set(opened.map(({ keyId }) => keyId))].sort()
