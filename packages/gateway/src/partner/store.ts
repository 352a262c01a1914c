import type { Profile } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'

export interface PartnerRow {
  readonly partner_id: string
  readonly name: string
  readonly profile: Profile
  readonly state: 'active' | 'suspended'
  readonly public_key_pem: string
  readonly secret_sealed: string
  readonly shared_key_sealed: string | null
  readonly notification_mode: 'symmetric' | 'asymmetric'
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
