import { createHash, createPublicKey } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Profile } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { Facts } from './audit/store.ts'
import {
  EVERY_CHANNEL,
  type NotificationCustomerToken,
  type NotificationMode,
  type PartnerUrl,
} from './recipient.ts'
import { findPartner, type KeyKind, type KeyRow, listUrls } from './store.ts'

/** A key as an operator sees it: when and until when, and nothing that is secret. */
export interface KeyView {
  readonly keyId: string
  readonly kind: KeyKind
  /** Of a public key: SHA-256 over its SPKI form, in hex. */
  readonly fingerprint?: string
  readonly createdAt: string
  /** Absent for a key without an end. */
  readonly validUntil?: string
  /** To the minute; absent when it was never used. */
  readonly lastUsedAt?: string
}

/** All that an operator may know of a partner. Times are ISO 8601. */
export interface PartnerView {
  readonly partnerId: string
  readonly version: number
  readonly name: string
  readonly state: 'active' | 'suspended'
  readonly profile: Profile
  readonly idempotencyProfile: Profile
  readonly notificationMode: NotificationMode
  readonly notificationCustomerToken: NotificationCustomerToken
  readonly frameAncestors: readonly string[]
  readonly urls: readonly PartnerUrl[]
  /** Channels that have been turned off, or off and on again. Any other is on. */
  readonly channels: Readonly<Record<string, boolean>>
  /** Null: as the settings say. 0: no limit. */
  readonly limits: {
    readonly requestsPerSecond: number | null
    readonly burst: number | null
    readonly tokensPerSecond: number | null
  }
  /** Those that are good. */
  readonly keys: readonly KeyView[]
  readonly createdAt: string
}

/** The partner as it stands at this moment. */
export async function readView(sql: Sql, partnerId: string, now: number): Promise<PartnerView | undefined> {
  const row = await findPartner(sql, partnerId, now)
  if (row === undefined) return undefined
  const urls = await listUrls(sql, [partnerId])
  return {
    partnerId,
    version: row.version,
    name: row.name,
    state: row.state,
    profile: row.profile,
    idempotencyProfile: row.idempotency_profile,
    notificationMode: row.notification_mode,
    notificationCustomerToken: row.notification_customer_token,
    frameAncestors: row.frame_ancestors.split(' ').filter((origin) => origin !== ''),
    urls: urls.map(({ channel, purpose, url }) => ({ channel: channel || EVERY_CHANNEL, purpose, url })),
    channels: Object.fromEntries(row.channels.map(({ channel, isOn }) => [channel, isOn])),
    limits: {
      requestsPerSecond: row.requests_per_second,
      burst: row.request_burst,
      tokensPerSecond: row.tokens_per_second,
    },
    keys: row.keys.map(keyView),
    createdAt: row.created_at.toISOString(),
  }
}

function keyView({ keyId, kind, publicKeyPem, createdAt, validUntil, lastUsedAt }: KeyRow): KeyView {
  return {
    keyId,
    kind,
    ...(publicKeyPem !== null && { fingerprint: fingerprintOf(publicKeyPem) }),
    createdAt: timeOf(createdAt),
    ...(validUntil !== null && { validUntil: timeOf(validUntil) }),
    ...(lastUsedAt !== null && { lastUsedAt: timeOf(lastUsedAt) }),
  }
}

/** SHA-256 over a public key in its SPKI form, in hex: what two people read to each other. */
export function fingerprintOf(publicKeyPem: string): string {
  const spki = createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(spki).digest('hex')
}

/** The members that differ, without those that say nothing of a change. Undefined when none does. */
export function differenceOf(
  before: PartnerView | undefined,
  after: PartnerView,
): { readonly before: Facts; readonly after: Facts } | undefined {
  const [old, young] = [before === undefined ? {} : factsOf(before), factsOf(after)]
  const names = Object.keys(young).filter((name) => !isDeepStrictEqual(old[name], young[name]))
  if (names.length === 0) return undefined
  const pick = (facts: Facts) =>
    Object.fromEntries(names.filter((name) => name in facts).map((name) => [name, facts[name]]))
  return { before: pick(old), after: pick(young) }
}

function factsOf({ partnerId: _, version: __, keys, createdAt: ___, ...facts }: PartnerView): Facts {
  return { ...facts, keys: keys.map(({ lastUsedAt: _, ...key }) => key) }
}

function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
