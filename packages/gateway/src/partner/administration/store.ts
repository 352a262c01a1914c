import type { Profile } from '@gerbang/snap'
import type { Sql } from '../../database/pool.ts'
import type { NotificationCustomerToken, NotificationMode, PartnerUrl, Purpose } from '../recipient.ts'
import type { KeyKind } from '../store.ts'

export interface ListedRow {
  readonly partner_id: string
  readonly name: string
  readonly profile: Profile
  readonly state: 'active' | 'suspended'
  readonly created_at: Date
}

/** The partners after one, in the order of their making. Everything when `most` is null. */
export function listPartners(
  sql: Sql,
  { after, most }: { readonly after: string | undefined; readonly most: number | null },
): Promise<readonly ListedRow[]> {
  return sql<ListedRow>`
    select partner_id, name, profile, state, created_at from partners
     where ${after ?? null}::text is null
        or (created_at, partner_id) > (select a.created_at, a.partner_id from partners a where a.partner_id = ${after ?? null})
     order by created_at, partner_id limit ${most}`
}

/** False when the partner exists already; nothing is changed then. */
export async function addPartner(
  sql: Sql,
  partner: {
    partnerId: string
    name: string
    profile: Profile
    idempotencyProfile: Profile
    createdAt: Date
  },
): Promise<boolean> {
  const rows = await sql`
    insert into partners (partner_id, name, profile, idempotency_profile, created_at)
    values (${partner.partnerId}, ${partner.name}, ${partner.profile}, ${partner.idempotencyProfile}, ${partner.createdAt})
    on conflict (partner_id) do nothing returning 1`
  return rows.length > 0
}

/** Whoever changes a partner holds it until the commit, so that changes come one after the other. False when there is none. */
export async function lockPartner(sql: Sql, partnerId: string): Promise<boolean> {
  const rows = await sql`select 1 from partners where partner_id = ${partnerId} for no key update`
  return rows.length > 0
}

/** What is undefined stays as it is. */
export interface PartnerColumns {
  readonly name: string | undefined
  readonly profile: Profile | undefined
  readonly idempotencyProfile: Profile | undefined
  readonly state: 'active' | 'suspended' | undefined
  readonly mode: NotificationMode | undefined
  readonly customerToken: NotificationCustomerToken | undefined
  readonly frameAncestors: string | undefined
}

export async function changePartner(sql: Sql, partnerId: string, changes: PartnerColumns): Promise<void> {
  await sql`
    update partners set name = coalesce(${changes.name}, name),
           profile = coalesce(${changes.profile}, profile),
           idempotency_profile = coalesce(${changes.idempotencyProfile}, idempotency_profile),
           state = coalesce(${changes.state}, state),
           notification_mode = coalesce(${changes.mode}, notification_mode),
           notification_customer_token = coalesce(${changes.customerToken}, notification_customer_token),
           frame_ancestors = coalesce(${changes.frameAncestors}, frame_ancestors)
     where partner_id = ${partnerId}`
}

/** Null leaves it to the settings. */
export async function putLimits(
  sql: Sql,
  partnerId: string,
  limits: { requestsPerSecond: number | null; burst: number | null; tokensPerSecond: number | null },
): Promise<void> {
  await sql`
    update partners set requests_per_second = ${limits.requestsPerSecond}, request_burst = ${limits.burst},
           tokens_per_second = ${limits.tokensPerSecond}
     where partner_id = ${partnerId}`
}

export async function raiseVersion(sql: Sql, partnerId: string): Promise<void> {
  await sql`update partners set version = version + 1 where partner_id = ${partnerId}`
}

export async function putChannel(
  sql: Sql,
  partnerId: string,
  { channel, isOn }: { channel: string; isOn: boolean },
): Promise<void> {
  await sql`
    insert into partner_channels (partner_id, channel, is_on) values (${partnerId}, ${channel}, ${isOn})
    on conflict (partner_id, channel) do update set is_on = excluded.is_on`
}

/** Takes the place of the URL of that channel and purpose. */
export async function putUrl(
  sql: Sql,
  partnerId: string,
  { channel, purpose, url }: PartnerUrl,
): Promise<void> {
  await sql`
    insert into partner_urls (partner_id, channel, purpose, url) values (${partnerId}, ${channel}, ${purpose}, ${url})
    on conflict (partner_id, channel, purpose) do update set url = excluded.url`
}

export async function deleteUrl(
  sql: Sql,
  partnerId: string,
  { channel, purpose }: { channel: string; purpose: Purpose },
): Promise<void> {
  await sql`
    delete from partner_urls where partner_id = ${partnerId} and channel = ${channel} and purpose = ${purpose}`
}

export interface NewKey {
  readonly kind: KeyKind
  readonly publicKeyPem?: string
  readonly sealed?: string
  readonly createdAt: Date
}

/** Numbers of a kind are not used twice. Returns the new key's id. */
export async function addKey(sql: Sql, partnerId: string, key: NewKey): Promise<string> {
  const rows = await sql<{ key_id: string }>`
    insert into partner_keys (partner_id, key_id, kind, public_key_pem, secret_sealed, created_at)
    select ${partnerId}, ${key.kind}::text || '-' || (coalesce(max(split_part(key_id, '-', 2)::integer), 0) + 1),
           ${key.kind}::partner_key_kind, ${key.publicKeyPem ?? null}, ${key.sealed ?? null}, ${key.createdAt}
      from partner_keys where partner_id = ${partnerId} and kind = ${key.kind}::partner_key_kind
    returning key_id`
  return rows[0]?.key_id ?? ''
}

/** Null: without an end. */
export async function putKeyEnd(
  sql: Sql,
  partnerId: string,
  { keyId, validUntil }: { keyId: string; validUntil: Date | null },
): Promise<void> {
  await sql`
    update partner_keys set valid_until = ${validUntil} where partner_id = ${partnerId} and key_id = ${keyId}`
}

/** What is secret of a key that has ended serves nobody but a thief. Of all partners when `partnerId` is null. */
export async function forgetEndedKeys(sql: Sql, partnerId: string | null, now: Date): Promise<void> {
  await sql`
    update partner_keys set secret_sealed = null
     where secret_sealed is not null and valid_until <= ${now}
       and (${partnerId}::text is null or partner_id = ${partnerId})`
}
