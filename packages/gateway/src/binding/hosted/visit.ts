import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../clock.ts'
import type { Sql } from '../../database/pool.ts'
import type { Partner, PartnerDirectory } from '../../partner/partner.ts'
import type { Vault } from '../../vault/vault.ts'
import type { Binding } from '../binding.ts'
import { findBinding } from '../store.ts'
import { cookieLookup, csrfTokenOf, isSameDigest, PAGE_PATH, sessionLookup } from './sessions.ts'
import { claimSession, type FoundSession, findSession } from './store.ts'

export interface VisitDeps {
  readonly sql: Sql
  readonly vault: Vault
  readonly clock: Clock
  readonly directory: PartnerDirectory
  /** Where cardholders reach this gateway. */
  readonly publicUrl: () => string
}

/** Whose page an address means, before anybody has looked whether there is one. */
export interface PageName {
  readonly partnerId: string
  readonly sessionId: string
  /** The page itself, or the question whether it has something new to show. */
  readonly isStatus: boolean
}

const PAGE = /^([A-Za-z0-9._-]{1,64})\/([A-Za-z0-9_-]{43})(\/status)?$/

/** The name in what follows the pages' common path; undefined when it is none. */
export function readPageName(rest: string): PageName | undefined {
  const [, partnerId, sessionId, status] = PAGE.exec(rest) ?? []
  if (partnerId === undefined || sessionId === undefined) return undefined
  return { partnerId, sessionId, isStatus: status !== undefined }
}

/** A browser that may see a page, and what it sees. */
export interface Visit {
  readonly binding: Binding
  readonly partner: Partner
  /** The page's own path under the public address. */
  readonly path: string
  readonly csrfToken: string
  /** To be set when the browser is the first that came. */
  readonly setCookie?: string
}

/**
 * The visit of a browser to a page, or undefined: for an address that leads nowhere, a page whose time is long over, and one that
 * belongs to another browser. `mayBegin`: whether a browser without a cookie may be the first.
 */
export async function findVisit(
  deps: VisitDeps,
  name: PageName,
  { headers, mayBegin }: { readonly headers: IncomingHttpHeaders; readonly mayBegin: boolean },
): Promise<Visit | undefined> {
  const { partnerId, sessionId } = name
  const session = await findSession(deps.sql, partnerId, sessionLookup(deps.vault, partnerId, sessionId))
  if (session === undefined || session.expiresAt <= deps.clock.now()) return undefined
  const [partner, binding] = await Promise.all([
    deps.directory.find(partnerId),
    findBinding(deps.sql, session),
  ])
  if (partner === undefined || binding === undefined) return undefined
  const root = new URL(deps.publicUrl())
  const path = `${root.pathname.replace(/\/+$/, '')}${PAGE_PATH}/${partnerId}/${sessionId}`
  const cookie = await admit(deps.sql, session, readCookie(headers.cookie), mayBegin)
  if (cookie === undefined) return undefined
  const visit = { binding, partner, path, csrfToken: csrfTokenOf(deps.vault, cookie.value) }
  if (!cookie.isNew) return visit
  const isFramed = partner.frameAncestors.length > 0
  return {
    ...visit,
    setCookie: cookieText(cookie.value, { path, isSecure: root.protocol === 'https:', isFramed }),
  }
}

/** The cookie that counts, if the browser has it or is the first to come. */
async function admit(
  sql: Sql,
  session: FoundSession,
  sent: string | undefined,
  mayBegin: boolean,
): Promise<{ value: string; isNew: boolean } | undefined> {
  if (session.cookieLookup !== undefined) {
    const isOwn = sent !== undefined && isSameDigest(cookieLookup(sent), session.cookieLookup)
    return isOwn ? { value: sent, isNew: false } : undefined
  }
  if (!mayBegin) return undefined
  const value = randomBytes(32).toString('base64url')
  return (await claimSession(sql, session, cookieLookup(value))) ? { value, isNew: true } : undefined
}

const COOKIE = 'gerbang_page'
const COOKIE_VALUE = /(?:^|;\s*)gerbang_page=([A-Za-z0-9_-]{43})(?:;|$)/

function readCookie(header: string | undefined): string | undefined {
  return COOKIE_VALUE.exec(header ?? '')?.[1]
}

/** In a frame of the partner's a browser sends no cookie that is not meant for frames, and takes those over https only. */
function cookieText(
  value: string,
  { path, isSecure, isFramed }: { path: string; isSecure: boolean; isFramed: boolean },
): string {
  const sameSite = isFramed && isSecure ? 'None; Partitioned' : 'Lax'
  return `${COOKIE}=${value}; Path=${path}; HttpOnly; SameSite=${sameSite}${isSecure ? '; Secure' : ''}`
}
