import { createHash, timingSafeEqual } from 'node:crypto'
import type { Sql } from '../database/pool.ts'
import type { Vault } from '../vault/vault.ts'
import { insertSession, type PageOwner } from './store.ts'

export type { PageOwner } from './store.ts'

/**
 * The id in the address of a hosted page: 32 bytes computed with the look-up key, so that it stands nowhere and whoever answers
 * late can tell it again; without the key nobody guesses it.
 */
export function sessionIdOf(
  vault: Pick<Vault, 'digest'>,
  { kind, partnerId, referenceNo }: PageOwner,
): string {
  const name = `${partnerId}|${referenceNo}`
  return vault.digest('page-session', kind === 'binding' ? name : `${kind}|${name}`).toString('base64url')
}

/** By what a session is found: it does not tell the id. */
export function sessionLookup(vault: Pick<Vault, 'digest'>, partnerId: string, sessionId: string): Buffer {
  return vault.digest('page-session-lookup', `${partnerId}|${sessionId}`)
}

/** Where the pages of one kind live, under the public address. */
export function pagePathOf(kind: PageOwner['kind']): string {
  return `/direct-debit/ui/${kind}/core`
}

/** The page's address under the public one. */
export function pageUrlOf(vault: Pick<Vault, 'digest'>, publicUrl: string, owner: PageOwner): string {
  const root = publicUrl.replace(/\/+$/, '')
  const id = sessionIdOf(vault, owner)
  return `${root}${pagePathOf(owner.kind)}/${encodeURIComponent(owner.partnerId)}/${id}`
}

/**
 * Makes a page known, within the transaction that makes its owner. `createdAt` in epoch milliseconds, `keepMs`: how long it can
 * be shown.
 */
export function openSession(
  sql: Sql,
  vault: Pick<Vault, 'digest'>,
  owner: PageOwner,
  { createdAt, keepMs }: { readonly createdAt: number; readonly keepMs: number },
): Promise<void> {
  const { kind, partnerId, referenceNo } = owner
  return insertSession(sql, {
    kind,
    partnerId,
    referenceNo,
    sessionLookup: sessionLookup(vault, partnerId, sessionIdOf(vault, owner)),
    createdAt,
    expiresAt: createdAt + keepMs,
  })
}

/** What is kept of a browser's cookie. */
export function cookieLookup(cookie: string): Buffer {
  return createHash('sha256').update(cookie).digest()
}

export function isSameDigest(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** The token that a form of this browser carries: it follows from the cookie, which the form cannot read. */
export function csrfTokenOf(vault: Pick<Vault, 'digest'>, cookie: string): string {
  return vault.digest('page-csrf', cookie).toString('base64url')
}
