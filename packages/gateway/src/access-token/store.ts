import type { Sql } from '../database/pool.ts'

/** The account of a binding that is active, with a card that is. */
export async function findBoundAccount(
  sql: Sql,
  partnerId: string,
  authCodeLookup: Buffer,
): Promise<string | undefined> {
  const rows = await sql<{ account_id: string }>`
    select t.account_id from bindings b join card_tokens t using (partner_id, bank_card_token)
     where b.partner_id = ${partnerId} and b.auth_code_lookup = ${authCodeLookup}
       and b.state = 'active' and t.state = 'active'`
  return rows[0]?.account_id
}

/** The latest token of the account ends then; what it says already is not written again. */
export async function putTokenEnd(
  sql: Sql,
  { partnerId, accountId, expiresAt }: { partnerId: string; accountId: string; expiresAt: Date },
): Promise<void> {
  await sql`
    insert into customer_token_ends as e (partner_id, account_id, expires_at) values (${partnerId}, ${accountId}, ${expiresAt})
    on conflict (partner_id, account_id) do update set expires_at = excluded.expires_at
     where e.expires_at <> excluded.expires_at`
}
