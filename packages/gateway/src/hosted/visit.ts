import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Sql } from '../database/pool.ts'
import type { PartnerDirectory, Shop } from '../partner/partner.ts'
import type { Vault } from '../vault/vault.ts'
import type { PageKind, PageSubject } from './page-kind.ts'
import { cookieLookup, csrfTokenOf, isSameDigest, sessionLookup } from './sessions.ts'
import { claimSession, type FoundSession, findSession, type PageSession } from './store.ts'

export interface VisitDeps {
  readonly sql: Sql
  readonly vault: Vault
  readonly clock: Clock
  readonly directory: PartnerDirectory
  /** Where customers reach this gateway. */
  readonly publicUrl: () => string
}

/** Whose page an address means, before anybody has looked whether there is one. */
export interface PageName {
  /** The common path of the pages under which it was asked for. */
  readonly root: string
  readonly partnerId: string
  readonly sessionId: string
  /** The page itself, or the question whether it has something new to show. */
  readonly isStatus: boolean
}

const PAGE = /^([A-Za-z0-9._-]{1,64})\/([A-Za-z0-9_-]{43})(\/status)?$/

/** The name in what follows the pages' common path; undefined when it is none. */
export function readPageName(root: string, rest: string): PageName | undefined {
  const [, partnerId, sessionId, status] = PAGE.exec(rest) ?? []
  if (partnerId === undefined || sessionId === undefined) return undefined
  return { root, partnerId, sessionId, isStatus: status !== undefined }
}

/** A browser that may see a page, and what it sees. */
export interface Visit<Subject> {
  readonly subject: Subject
  readonly partner: Shop
  /** The page's own path under the public address. */
  readonly path: string
  readonly csrfToken: string
  /** To be set when the browser has none. */
  readonly setCookie?: string
  /** Set while the page belongs to nobody: what `takePage` needs. */
  readonly free?: { readonly session: PageSession; readonly cookieLookup: Buffer }
}

interface Visitor {
  readonly headers: IncomingHttpHeaders
  /** `look`: wants to see the page; `return`: can only come of a page that was seen. */
  readonly comes: 'look' | 'return'
}

/**
 * The visit of a browser to a page, also of a partner that was suspended since: what was begun may be confirmed to its end. Undefined
 * for an address that leads nowhere, a page whose time is long over, and one that belongs to another browser. A page belongs to the
 * first browser that a person steers there; who does not say whether that is so may look, and has it with the first form that is posted.
 */
export async function findVisit<Subject extends PageSubject>(
  deps: VisitDeps,
  kind: PageKind<Subject>,
  name: PageName,
  { headers, comes }: Visitor,
): Promise<Visit<Subject> | undefined> {
  const { partnerId, sessionId } = name
  const session = await findSession(deps.sql, partnerId, sessionLookup(deps.vault, partnerId, sessionId))
  const isThere = session?.kind === kind.kind && session.expiresAt > deps.clock.now()
  if (session === undefined || !isThere) return undefined
  const [partner, subject] = await Promise.all([deps.directory.findShop(partnerId), kind.load(session)])
  if (partner === undefined || subject === undefined) return undefined
  const root = new URL(deps.publicUrl())
  const path = `${root.pathname.replace(/\/+$/, '')}${name.root}/${partnerId}/${sessionId}`
  const isFramed = partner.frameAncestors.length > 0
  const isBegun = comes === 'look' && isSteered(headers, isFramed)
  const cookie = await admit(deps.sql, session, { sent: readCookie(headers.cookie), comes, isBegun })
  if (cookie === undefined) return undefined
  const { value, isNew, isFree } = cookie
  return {
    subject,
    partner,
    path,
    csrfToken: csrfTokenOf(deps.vault, value),
    ...(isNew && { setCookie: cookieText(value, { path, isSecure: root.protocol === 'https:', isFramed }) }),
    ...(isFree && { free: { session, cookieLookup: cookieLookup(value) } }),
  }
}

/** Gives the page to the browser of the visit, if it is nobody's. False when another has it by now. */
export async function takePage({ sql }: Pick<VisitDeps, 'sql'>, { free }: Visit<unknown>): Promise<boolean> {
  return free === undefined || claimSession(sql, free.session, free.cookieLookup)
}

const FRAMES: ReadonlySet<unknown> = new Set(['iframe', 'frame'])

/** Whether a browser says that it goes to the page to show it. Programs that look at links do not, and neither do old browsers. */
function isSteered(headers: IncomingHttpHeaders, isFramed: boolean): boolean {
  const dest = headers['sec-fetch-dest']
  if (headers['sec-fetch-mode'] !== 'navigate') return false
  return dest === 'document' || (isFramed && FRAMES.has(dest))
}

interface Admitted {
  readonly value: string
  readonly isNew: boolean
  /** The page is nobody's yet. */
  readonly isFree: boolean
}

/** The cookie that counts, if the browser has the right one or may have one. */
async function admit(
  sql: Sql,
  session: FoundSession,
  came: {
    readonly sent: string | undefined
    readonly comes: Visitor['comes']
    readonly isBegun: boolean
  },
): Promise<Admitted | undefined> {
  const { sent, comes, isBegun } = came
  if (session.cookieLookup !== undefined) {
    const isOwn = sent !== undefined && isSameDigest(cookieLookup(sent), session.cookieLookup)
    return isOwn ? { value: sent, isNew: false, isFree: false } : undefined
  }
  if (!isBegun && sent !== undefined) return { value: sent, isNew: false, isFree: true }
  if (comes === 'return') return undefined
  // Whose page it becomes gets a cookie that nobody can have given it before.
  const value = randomBytes(32).toString('base64url')
  if (!isBegun) return { value, isNew: true, isFree: true }
  return (await claimSession(sql, session, cookieLookup(value)))
    ? { value, isNew: true, isFree: false }
    : undefined
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
