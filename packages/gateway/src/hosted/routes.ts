import { SnapError } from '@gerbang/snap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { networkOf } from '../addresses.ts'
import {
  type FailureKind,
  failurePage,
  isSameToken,
  type Language,
  languageOf,
  type RenderedPage,
  readForm,
} from '../page/index.ts'
import { isPrivateAddress } from './address.ts'
import { openBuckets } from './buckets.ts'
import type { PageKind, PageSubject, Shown } from './page-kind.ts'
import { pagePathOf } from './sessions.ts'
import { findVisit, type PageName, readPageName, takePage, type Visit, type VisitDeps } from './visit.ts'

export type PageDeps = VisitDeps

/** Enough for a form of ours, and for a whole message that was pasted into its field. */
const FORM_BYTES = 4096
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** One customer types; a whole office behind one address does. */
const PER_SESSION = { size: 30, perSecond: 1, keys: 20_000 }
const PER_ADDRESS = { size: 300, perSecond: 30, keys: 20_000 }

/** Pages of one kind. Whatever goes wrong below their path is told as a page. */
export function addPageRoutes<Subject extends PageSubject>(
  app: FastifyInstance,
  deps: PageDeps,
  kind: PageKind<Subject>,
): void {
  const desk: Desk<Subject> = { deps, kind, mayCome: limiter(deps) }
  const renderFault = (error: unknown) => faultPage(kind.kind, error, deps.clock.now())
  const config = { page: { operation: `${kind.kind}-page`, renderFault } }
  for (const root of [pagePathOf(kind.kind), ...(kind.olderPaths ?? [])]) {
    app.get(`${root}/*`, { config }, (request, reply) => look(desk, request, { reply, root }))
    app.post(`${root}/*`, { config, bodyLimit: FORM_BYTES }, (request, reply) =>
      post(desk, request, { reply, root }),
    )
    // Programs that look at links ask in this way. They are told that it is a page, whether it is there or not.
    app.head(`${root}/*`, { config }, (_request, reply) =>
      send(reply, { ...showNobody(kind.kind, 'busy', 'id', deps.clock.now()), status: 200, body: '' }),
    )
  }
}

interface Desk<Subject extends PageSubject> {
  readonly deps: PageDeps
  readonly kind: PageKind<Subject>
  readonly mayCome: (request: FastifyRequest, name: PageName) => boolean
}

interface Answering {
  readonly reply: FastifyReply
  readonly root: string
}

function limiter({ clock }: PageDeps): Desk<PageSubject>['mayCome'] {
  const take = { session: openBuckets(PER_SESSION), address: openBuckets(PER_ADDRESS) }
  return (request, { partnerId, sessionId }) => {
    const now = clock.now()
    // A proxy that does not say whom it speaks for speaks for everybody.
    const isMany = isPrivateAddress(request.ip)
    return (
      (isMany || take.address(networkOf(request.ip), now)) && take.session(`${partnerId}/${sessionId}`, now)
    )
  }
}

async function look<Subject extends PageSubject>(
  desk: Desk<Subject>,
  request: FastifyRequest,
  { reply, root }: Answering,
): Promise<FastifyReply> {
  const { deps, kind } = desk
  // A page that nobody looks at must be neither shown nor given away; this answer has the browser ask again once somebody does.
  if (isPrefetch(request)) return sendNobody(desk, request, { reply, failure: 'busy', status: 503 })
  const found = await admit(desk, request, { root, comes: 'look' })
  if ('failure' in found) return sendNobody(desk, request, { reply, failure: found.failure })
  const { visit, name } = found
  if (visit.setCookie !== undefined) reply.header('set-cookie', visit.setCookie)
  if (name.isStatus) {
    const status = kind.isWaiting(visit.subject) ? 204 : 200
    return reply.header('cache-control', 'no-store').code(status).send('')
  }
  return send(reply, kind.show(visit.subject, shownOf(deps, visit, languageOfQuery(request))))
}

const PREFETCH_HEADERS = ['sec-purpose', 'purpose', 'x-purpose', 'x-moz'] as const

/** Asked for by a program that looks ahead, before anybody has followed the link. */
function isPrefetch({ headers }: FastifyRequest): boolean {
  return PREFETCH_HEADERS.some((name) => /prefetch|prerender|preview/i.test(String(headers[name] ?? '')))
}

async function post<Subject extends PageSubject>(
  desk: Desk<Subject>,
  request: FastifyRequest,
  { reply, root }: Answering,
): Promise<FastifyReply> {
  const found = await admit(desk, request, { root, comes: 'return' })
  if ('failure' in found) return sendNobody(desk, request, { reply, failure: found.failure })
  const fields = fieldsOf(request)
  if (fields === undefined) return sendNobody(desk, request, { reply, failure: 'trouble', status: 415 })
  return send(reply, await answerForm(desk, found.visit, { request, fields }))
}

type Admitted<Subject> =
  | { readonly visit: Visit<Subject>; readonly name: PageName }
  | { readonly failure: FailureKind }

async function admit<Subject extends PageSubject>(
  { deps, kind, mayCome }: Desk<Subject>,
  request: FastifyRequest,
  gate: { readonly root: string; readonly comes: 'look' | 'return' },
): Promise<Admitted<Subject>> {
  const name = readPageName(gate.root, (request.params as { readonly '*': string })['*'])
  if (name === undefined) return { failure: 'sessionNotFound' }
  if (!mayCome(request, name)) return { failure: 'busy' }
  const comes = name.isStatus ? 'return' : gate.comes
  const visit = await findVisit(deps, kind, name, { headers: request.headers, comes })
  if (visit === undefined) return { failure: 'sessionNotFound' }
  note(request, visit.subject)
  return { visit, name }
}

/** The address is not noted: whoever reads a log must not get to a page. */
function note({ line }: FastifyRequest, { partnerId, referenceNo, channel, state }: PageSubject): void {
  Object.assign(line, { partner: partnerId, referenceNo, channel, state })
}

interface PostedPage {
  readonly request: FastifyRequest
  readonly fields: URLSearchParams
}

async function answerForm<Subject extends PageSubject>(
  { deps, kind }: Desk<Subject>,
  visit: Visit<Subject>,
  { request, fields }: PostedPage,
): Promise<RenderedPage> {
  const form = readForm(fields)
  const language = form?.language ?? languageOf(fields.get('language'))
  if (form === undefined) return kind.show(visit.subject, shownOf(deps, visit, language))
  if (!isSameToken(form.csrfToken, visit.csrfToken))
    return { ...showNobody(kind.kind, 'sessionNotFound', language, deps.clock.now()), status: 403 }
  if (!(await takePage(deps, visit)))
    return showNobody(kind.kind, 'sessionNotFound', language, deps.clock.now())
  const acted = await kind.act(visit.subject, form)
  if (acted.fault !== undefined) request.line.fault = acted.fault
  // A refusal does not say how its subject stands by now.
  const subject = (await kind.load(acted.subject)) ?? acted.subject
  note(request, subject)
  const { notice, entered } = acted
  return kind.show(subject, { ...shownOf(deps, visit, language), notice, entered })
}

function shownOf(
  { clock }: PageDeps,
  { partner, path, csrfToken }: Visit<unknown>,
  language: Language,
): Shown {
  return { partner, path, csrfToken, language, now: clock.now() }
}

function fieldsOf({ headers, body }: FastifyRequest): URLSearchParams | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== FORM_TYPE || !Buffer.isBuffer(body)) return undefined
  return new URLSearchParams(body.toString('utf8'))
}

function languageOfQuery(request: FastifyRequest): Language {
  return languageOf((request.query as Readonly<Record<string, string | undefined>>)['language'])
}

function sendNobody<Subject extends PageSubject>(
  { deps, kind }: Desk<Subject>,
  request: FastifyRequest,
  answer: { readonly reply: FastifyReply; readonly failure: FailureKind; readonly status?: number },
): FastifyReply {
  const page = showNobody(kind.kind, answer.failure, languageOfQuery(request), deps.clock.now())
  return send(answer.reply, { ...page, status: answer.status ?? page.status })
}

function send(reply: FastifyReply, { status, headers, body }: RenderedPage): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}

/** A page that knows nothing of anybody: for addresses that lead nowhere, and for faults. */
function showNobody(
  purpose: PageKind<PageSubject>['kind'],
  failure: FailureKind,
  language: Language,
  now: number,
): RenderedPage {
  return failurePage({ language, purpose, path: '', now, failure })
}

/** A fault as a customer may see it. */
function faultPage(purpose: PageKind<PageSubject>['kind'], error: unknown, now: number): RenderedPage {
  const page = showNobody(purpose, 'trouble', 'id', now)
  const { code } = error as { readonly code?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { ...page, status: 413 }
  return error instanceof SnapError ? { ...page, status: 400 } : page
}
