import type { Profile } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { NotificationMode, PartnerUrl, Purpose } from './recipient.ts'

export interface PartnerRow {
  readonly partner_id: string
  readonly name: string
  readonly profile: Profile
  readonly state: 'active' | 'suspended'
  readonly public_key_pem: string
  readonly secret_sealed: string
  readonly shared_key_sealed: string | null
  readonly notification_mode: NotificationMode
  readonly frame_ancestors: string
  readonly created_at: Date
}

export async function findPartner(sql: Sql, partnerId: string): Promise<PartnerRow | undefined> {
  const rows = await sql<PartnerRow>`select * from partners where partner_id = ${partnerId}`
  return rows[0]
}

export function listPartners(sql: Sql): Promise<readonly PartnerRow[]> {
  return sql<PartnerRow>`select * from partners order by created_at, partner_id`
}

/** What a partner begins with; the rest has its default. */
export type NewPartnerRow = Omit<
  PartnerRow,
  'state' | 'shared_key_sealed' | 'notification_mode' | 'frame_ancestors'
>

/** False when the partner exists already; nothing is changed then. */
export async function addPartner(sql: Sql, partner: NewPartnerRow): Promise<boolean> {
  const rows = await sql`
    insert into partners (partner_id, name, profile, public_key_pem, secret_sealed, created_at)
    values (${partner.partner_id}, ${partner.name}, ${partner.profile}, ${partner.public_key_pem},
            ${partner.secret_sealed}, ${partner.created_at})
    on conflict (partner_id) do nothing returning partner_id`
  return rows.length > 0
}

export function listUrls(
  sql: Sql,
  partnerIds: readonly string[],
): Promise<readonly (PartnerUrl & { readonly partnerId: string })[]> {
  return sql<PartnerUrl & { readonly partnerId: string }>`
    select partner_id as "partnerId", channel, purpose, url from partner_urls
     where partner_id = any (${partnerIds}::text[]) order by partner_id, purpose, channel`
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

/** What is null stays as it is. False when there is no such partner. */
export async function changePartner(
  sql: Sql,
  partnerId: string,
  changes: { mode: NotificationMode | null; frameAncestors: string | null; sharedKeySealed: string | null },
): Promise<boolean> {
  const rows = await sql`
    update partners set notification_mode = coalesce(${changes.mode}, notification_mode),
           frame_ancestors = coalesce(${changes.frameAncestors}, frame_ancestors),
           shared_key_sealed = coalesce(${changes.sharedKeySealed}, shared_key_sealed)
     where partner_id = ${partnerId} returning 1`
  return rows.length > 0
}
