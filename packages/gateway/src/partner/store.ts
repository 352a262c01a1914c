import type { Profile } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { NotificationCustomerToken, NotificationMode, PartnerUrl } from './recipient.ts'

export type KeyKind = 'public' | 'secret' | 'shared'

/** A key that is good at the moment of reading, as the database gives it. */
export interface KeyRow {
  readonly keyId: string
  readonly kind: KeyKind
  readonly publicKeyPem: string | null
  readonly sealed: string | null
  /** Epoch milliseconds; null while it is the key to use. */
  readonly validUntil: number | null
  readonly createdAt: number
  readonly lastUsedAt: number | null
}

export interface PartnerRow {
  readonly partner_id: string
  readonly name: string
  readonly profile: Profile
  readonly idempotency_profile: Profile
  readonly state: 'active' | 'suspended'
  readonly notification_mode: NotificationMode
  readonly notification_customer_token: NotificationCustomerToken
  readonly frame_ancestors: string
  readonly created_at: Date
  readonly version: number
  readonly requests_per_second: number | null
  readonly request_burst: number | null
  readonly tokens_per_second: number | null
  /** By kind, the one to use first. */
  readonly keys: readonly KeyRow[]
  readonly channels: readonly { readonly channel: string; readonly isOn: boolean }[]
}

/** A partner with its keys and channels, in one query: this is what every request stands on. `now` in epoch milliseconds. */
export async function findPartner(sql: Sql, partnerId: string, now: number): Promise<PartnerRow | undefined> {
  const rows = await sql<PartnerRow>`
    select p.*,
           (select coalesce(json_agg(json_build_object(
                     'keyId', k.key_id, 'kind', k.kind, 'publicKeyPem', k.public_key_pem, 'sealed', k.secret_sealed,
                     'createdAt', floor(extract(epoch from k.created_at) * 1000),
                     'validUntil', floor(extract(epoch from k.valid_until) * 1000),
                     'lastUsedAt', floor(extract(epoch from k.last_used_at) * 1000))
                     order by k.kind, k.valid_until desc nulls first, k.created_at desc, k.key_id desc), '[]')
              from partner_keys k
             where k.partner_id = p.partner_id
               and (k.valid_until is null or k.valid_until > ${new Date(now)}::timestamptz)) as keys,
           (select coalesce(json_agg(json_build_object('channel', c.channel, 'isOn', c.is_on) order by c.channel), '[]')
              from partner_channels c where c.partner_id = p.partner_id) as channels
      from partners p where p.partner_id = ${partnerId}`
  return rows[0]
}

export function listUrls(
  sql: Sql,
  partnerIds: readonly string[],
): Promise<readonly (PartnerUrl & { readonly partnerId: string })[]> {
  return sql<PartnerUrl & { readonly partnerId: string }>`
    select partner_id as "partnerId", channel, purpose, url from partner_urls
     where partner_id = any (${partnerIds}::text[]) order by partner_id, purpose, channel`
}
