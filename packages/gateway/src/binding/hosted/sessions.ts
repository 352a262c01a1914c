import { createHash, timingSafeEqual } from 'node:crypto'
import type { Sql } from '../../database/pool.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Binding, BindingName } from '../binding.ts'
import { insertSession } from './store.ts'

/**
 * The id in the address of a hosted page: 32 bytes computed with the look-up key, so that it stands nowhere and whoever answers
 * late can tell it again; without the key nobody guesses it.
 */
export function sessionIdOf(vault: Pick<Vault, 'digest'>, { partnerId, referenceNo }: BindingName): string {
  return vault.digest('page-session', `${partnerId}|${referenceNo}`).toString('base64url')
}

/** By what a session is found: it does not tell the id. */
export function sessionLookup(vault: Pick<Vault, 'digest'>, partnerId: string, sessionId: string): Buffer {
  return vault.digest('page-session-lookup', `${partnerId}|${sessionId}`)
}

export const PAGE_PATH = '/direct-debit/kki/binding'

/** The page's address under the public one. */
export function pageUrlOf(vault: Pick<Vault, 'digest'>, publicUrl: string, binding: BindingName): string {
  const root = publicUrl.replace(/\/+$/, '')
  return `${root}${PAGE_PATH}/${encodeURIComponent(binding.partnerId)}/${sessionIdOf(vault, binding)}`
}

/** Makes the page of a binding known, within the transaction that makes the binding. `keepMs`: how long it can be shown. */
export function openSession(
  sql: Sql,
  vault: Pick<Vault, 'digest'>,
  { partnerId, referenceNo, createdAt }: Binding,
  keepMs: number,
): Promise<void> {
  const sessionId = sessionIdOf(vault, { partnerId, referenceNo })
  return insertSession(sql, {
    partnerId,
    referenceNo,
    sessionLookup: sessionLookup(vault, partnerId, sessionId),
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
