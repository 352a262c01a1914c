import type { Sql } from '../database/pool.ts'

/** What a page is about, under its own number. */
export interface PageOwner {
  readonly kind: 'binding' | 'payment'
  readonly partnerId: string
  readonly referenceNo: string
}

export interface PageSession extends PageOwner {
  readonly sessionLookup: Buffer
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly expiresAt: number
}

/** As it is found: with the cookie of the browser that came first, if one has. */
export type FoundSession = PageSession & { readonly cookieLookup: Buffer | undefined }

export async function insertSession(sql: Sql, session: PageSession): Promise<void> {
  await sql`
    insert into page_sessions (partner_id, session_lookup, kind, reference_no, created_at, expires_at)
    values (${session.partnerId}, ${session.sessionLookup}, ${session.kind}, ${session.referenceNo},
            ${new Date(session.createdAt)}, ${new Date(session.expiresAt)})`
}

interface SessionRow {
  readonly kind: PageOwner['kind']
  readonly reference_no: string
  readonly cookie_lookup: Buffer | null
  readonly created_at: Date
  readonly expires_at: Date
}

export async function findSession(
  sql: Sql,
  partnerId: string,
  sessionLookup: Buffer,
): Promise<FoundSession | undefined> {
  const [row] = await sql<SessionRow>`
    select kind, reference_no, cookie_lookup, created_at, expires_at from page_sessions
     where partner_id = ${partnerId} and session_lookup = ${sessionLookup}`
  if (row === undefined) return undefined
  return {
    kind: row.kind,
    partnerId,
    sessionLookup,
    referenceNo: row.reference_no,
    cookieLookup: row.cookie_lookup ?? undefined,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  }
}

/** Gives the session to a browser, or says that it has it. False when another came first. */
export async function claimSession(sql: Sql, session: PageSession, cookieLookup: Buffer): Promise<boolean> {
  const rows = await sql`
    update page_sessions set cookie_lookup = ${cookieLookup}
     where partner_id = ${session.partnerId} and session_lookup = ${session.sessionLookup}
       and (cookie_lookup is null or cookie_lookup = ${cookieLookup})
    returning 1`
  return rows.length > 0
}

/**
 * Forgets pages whose time is over by the caller's clock and by the server's, partner by partner; who holds one is not waited for.
 * `now` in epoch milliseconds. Returns how many, `most` at most.
 */
export async function deleteEndedSessions(
  sql: Sql,
  { now, most }: { readonly now: number; readonly most: number },
): Promise<number> {
  const rows = await sql`
    delete from page_sessions where ctid = any (array(
      select ended.place from partners p cross join lateral (
        select s.ctid as place from page_sessions s
         where s.partner_id = p.partner_id and s.expires_at <= least(${new Date(now)}::timestamptz, now())
         order by s.expires_at limit ${most} for update skip locked) ended
       order by p.partner_id limit ${most}))
    returning 1`
  return rows.length
}
