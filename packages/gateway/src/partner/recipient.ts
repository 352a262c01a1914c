import type { KeyObject } from 'node:crypto'
import type { Clock } from '../clock.ts'
import type { Sql } from '../database/pool.ts'
import type { Vault } from '../vault/vault.ts'
import { isValid, secretsOf } from './keys.ts'
import { findPartner, listUrls } from './store.ts'

export const PURPOSES = ['notification', 'binding', 'token'] as const
export type Purpose = (typeof PURPOSES)[number]

/** What operators write and read for every channel that has no URL of its own. A path cannot say nothing. */
export const EVERY_CHANNEL = 'any'

export interface PartnerUrl {
  /** Empty, or for operators `any`: every channel that has no URL of its own. */
  readonly channel: string
  readonly purpose: Purpose
  readonly url: string
}

export type NotificationMode = 'symmetric' | 'asymmetric'

/** Which token names the customer: the latest that we issued, the one with which the partner lets us in, or none. */
export const CUSTOMER_TOKENS = ['issued', 'merchantB2B', 'none'] as const
export type NotificationCustomerToken = (typeof CUSTOMER_TOKENS)[number]

/** A partner who is told things. A suspended one is told as well: what happened to its payments is true all the same. */
export interface Recipient {
  readonly partnerId: string
  /**
   * With what a notification is signed at this moment, and what to try when that is refused. While a rotation is under way the partner
   * may hold either: it is told with the new secret once it has used that itself.
   */
  readonly clientSecrets: readonly KeyObject[]
  readonly mode: NotificationMode
  readonly customerToken: NotificationCustomerToken
  readonly urls: readonly PartnerUrl[]
}

export interface Recipients {
  /** What is found is kept for a few seconds. */
  find(partnerId: string): Promise<Recipient | undefined>
}

export interface RecipientOptions {
  readonly sql: Sql
  readonly vault: Vault
  readonly clock: Clock
  readonly keepMs: number
}

const MOST_KEPT = 10_000

export function openRecipients(options: RecipientOptions): Recipients {
  const kept = new Map<string, { readonly found: Promise<Recipient | undefined>; readonly since: number }>()
  return {
    find(partnerId) {
      const now = options.clock.now()
      const known = kept.get(partnerId)
      if (known !== undefined && now >= known.since && now - known.since < options.keepMs) return known.found
      const found = load(options, partnerId)
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
      kept.set(partnerId, { found, since: now })
      found.catch(() => kept.delete(partnerId))
      return found
    },
  }
}

/** The URLs of several partners as they stand at this moment. */
export async function urlsOf(
  sql: Sql,
  partnerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly PartnerUrl[]>> {
  const rows = await listUrls(sql, partnerIds)
  return new Map(partnerIds.map((id) => [id, rows.filter(({ partnerId }) => partnerId === id)]))
}

async function load(
  { sql, vault, clock }: RecipientOptions,
  partnerId: string,
): Promise<Recipient | undefined> {
  const row = await findPartner(sql, partnerId, clock.now())
  if (row === undefined) return undefined
  const secrets = secretsOf(row.keys, vault, partnerId)
  return {
    partnerId,
    get clientSecrets() {
      const valid = secrets.filter((key) => isValid(key, clock.now()))
      const isKnown = valid[0]?.isUsed ?? true
      return (isKnown ? valid : valid.toReversed()).map(({ key }) => key)
    },
    mode: row.notification_mode,
    customerToken: row.notification_customer_token,
    urls: await listUrls(sql, [partnerId]),
  }
}
