import type { Sql } from '../../database/pool.ts'

export interface Use {
  readonly partnerId: string
  readonly keyId: string
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * A key that was noted within the last minute, by whichever process, is not written again. Nobody is waited for: what somebody else
 * holds is being written anyway, or is noted again a minute later.
 */
export async function writeUses(sql: Sql, uses: readonly Use[]): Promise<void> {
  await sql`
    with used as (
      select k.partner_id, k.key_id, u.at
        from unnest(${uses.map(({ partnerId }) => partnerId)}::text[], ${uses.map(({ keyId }) => keyId)}::text[],
                    ${uses.map(({ at }) => new Date(at))}::timestamptz[]) as u (partner_id, key_id, at)
        join partner_keys k on k.partner_id = u.partner_id and k.key_id = u.key_id
       where k.last_used_at is null or k.last_used_at <= u.at - interval '1 minute'
         for no key update of k skip locked)
    update partner_keys k set last_used_at = used.at from used
     where k.partner_id = used.partner_id and k.key_id = used.key_id`
}
