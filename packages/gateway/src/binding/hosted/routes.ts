import { SnapError } from '@gerbang/snap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import {
  type FailureKind,
  isSameToken,
  type Language,
  languageOf,
  type RenderedPage,
  readForm,
} from '../../page/index.ts'
import type { Binding } from '../binding.ts'
import { findBinding } from '../store.ts'
import { type ActDeps, act } from './act.ts'
import { openBuckets } from './buckets.ts'
import { PAGE_PATH } from './sessions.ts'
import { type Shown, showBinding, showNobody } from './show.ts'
import { findVisit, type PageName, readPageName, type Visit, type VisitDeps } from './visit.ts'

export interface PageDeps extends ActDeps, VisitDeps {}

/** Enough for a form of ours, and for a whole message that was pasted into its field. */
const FORM_BYTES = 4096
const FORM_TYPE = 'application/x-www-form-urlencoded'

/** One cardholder types; a whole office behind one address does. */
const PER_SESSION = { size: 30, perSecond: 1, keys: 20_000 }
const PER_ADDRESS = { size: 300, perSecond: 30, keys: 20_000 }

/** The page on which a cardholder confirms that a card is kept. Whatever goes wrong below its path is told as a page. */
export function addPageRoutes(app: FastifyInstance, deps: PageDeps): void {
  const take = {
    session: openBuckets(PER_SESSION),
    address: openBuckets(PER_ADDRESS),
  }
  const mayCome = (request: FastifyRequest, { partnerId, sessionId }: PageName) => {
    const now = deps.clock.now()
    const address = request.raw.socket.remoteAddress ?? ''
    return take.address(address, now) && take.session(`${partnerId}/${sessionId}`, now)
  }
  const renderFault = (error: unknown) => faultPage(error, deps.clock.now())
  const config = { page: { operation: 'binding-page', renderFault } }
  const path = `${PAGE_PATH}/*`

  app.get(path, { config }, async (request, reply) => {
    const found = await admit(deps, request, { mayCome, mayBegin: true })
    if ('failure' in found) return sendNobody(deps, request, reply, found.failure)
    const { visit, name } = found
    if (visit.setCookie !== undefined) reply.header('set-cookie', visit.setCookie)
    if (name.isStatus)
      return reply
        .header('cache-control', 'no-store')
        .code(isOpen(visit.binding) ? 204 : 200)
        .send('')
    return send(reply, showBinding(shownOf(deps, visit, languageOfQuery(request))))
  })

  app.post(path, { config, bodyLimit: FORM_BYTES }, async (request, reply) => {
    const found = await admit(deps, request, { mayCome, mayBegin: false })
    if ('failure' in found) return sendNobody(deps, request, reply, found.failure)
    const fields = fieldsOf(request)
    if (fields === undefined)
      return send(reply, { ...showNobody('trouble', 'id', deps.clock.now()), status: 415 })
    return send(reply, await answerForm(deps, found.visit, { request, fields }))
  })
}

type Admitted = { readonly visit: Visit; readonly name: PageName } | { readonly failure: FailureKind }

interface Gate {
  readonly mayCome: (request: FastifyRequest, name: PageName) => boolean
  readonly mayBegin: boolean
}

async function admit(deps: PageDeps, request: FastifyRequest, gate: Gate): Promise<Admitted> {
  const name = readPageName((request.params as { readonly '*': string })['*'])
  if (name === undefined) return { failure: 'sessionNotFound' }
  if (!gate.mayCome(request, name)) return { failure: 'busy' }
  const mayBegin = gate.mayBegin && !name.isStatus
  const visit = await findVisit(deps, name, { headers: request.headers, mayBegin })
  if (visit === undefined) return { failure: 'sessionNotFound' }
  note(request, visit.binding)
  return { visit, name }
}

/** The address is not noted: whoever reads a log must not get to a page. */
function note({ line }: FastifyRequest, { partnerId, referenceNo, channel, state }: Binding): void {
  Object.assign(line, { partner: partnerId, referenceNo, channel, state })
}

interface PostedPage {
  readonly request: FastifyRequest
  readonly fields: URLSearchParams
}

async function answerForm(
  deps: PageDeps,
  visit: Visit,
  { request, fields }: PostedPage,
): Promise<RenderedPage> {
  const form = readForm(fields)
  const language = form?.language ?? languageOf(fields.get('language'))
  if (form === undefined) return showBinding(shownOf(deps, visit, language))
  if (!isSameToken(form.csrfToken, visit.csrfToken))
    return { ...showNobody('sessionNotFound', language, deps.clock.now()), status: 403 }
  const acted = await act(deps, visit.binding, form)
  if (acted.fault !== undefined) request.line.fault = acted.fault
  // A refusal does not say how the binding stands by now.
  const binding = (await findBinding(deps.sql, acted.binding)) ?? acted.binding
  note(request, binding)
  return showBinding({
    ...shownOf(deps, { ...visit, binding }, language),
    notice: acted.notice,
    entered: acted.entered,
  })
}

function shownOf(deps: PageDeps, visit: Visit, language: Language): Shown {
  const { binding, partner, path, csrfToken } = visit
  const { clock, resendPauseMs } = deps
  return { binding, partner, path, csrfToken, language, now: clock.now(), resendPauseMs }
}

/** Whether the page has nothing else to show yet. */
function isOpen({ state }: Binding): boolean {
  return state === 'submitted' || state === 'unresolved' || state === 'verifying'
}

function fieldsOf({ headers, body }: FastifyRequest): URLSearchParams | undefined {
  const type = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (type !== FORM_TYPE || !Buffer.isBuffer(body)) return undefined
  return new URLSearchParams(body.toString('utf8'))
}

function languageOfQuery(request: FastifyRequest): Language {
  return languageOf((request.query as Readonly<Record<string, string | undefined>>)['language'])
}

function sendNobody(
  deps: PageDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  failure: FailureKind,
): FastifyReply {
  return send(reply, showNobody(failure, languageOfQuery(request), deps.clock.now()))
}

function send(reply: FastifyReply, { status, headers, body }: RenderedPage): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}

/** A fault as a cardholder may see it. */
function faultPage(error: unknown, now: number): RenderedPage {
  const { code } = error as { readonly code?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return { ...showNobody('trouble', 'id', now), status: 413 }
  if (error instanceof SnapError) return { ...showNobody('trouble', 'id', now), status: 400 }
  return showNobody('trouble', 'id', now)
}
