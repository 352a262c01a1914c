import { randomBytes } from 'node:crypto'
import {
  CONTRACTS,
  formatTimestamp,
  type Operation,
  OUTCOMES,
  outcomeByCase,
  pathsOf,
  SnapError,
} from '@gerbang/snap'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import type { Line } from '../line.ts'
import { responseCodeIn } from '../reply.ts'
import { answerEarly, CHECK_EVERY_MS, giveUp, limitConnections } from './connections.ts'
import { errorReply } from './error-reply.ts'
import type { Metrics } from './metrics.ts'

declare module 'fastify' {
  interface FastifyRequest {
    line: Line
  }
  interface FastifyContextConfig {
    operation?: Operation
    /** A page for people: what its requests are called in the log, and how its faults are told. */
    page?: {
      readonly operation: string
      readonly renderFault: (error: unknown) => Page
    }
  }
}

/** A whole answer that is no SNAP. */
export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface ServerDeps {
  readonly clock: Clock
  readonly metrics: Metrics
  readonly limits: Limits
  /** Takes the one line of each request. */
  readonly log: (line: LoggedLine) => void
}

export interface Limits {
  readonly bodyLimitBytes: number
  /** How long a request may take to arrive. */
  readonly requestTimeoutMs: number
  readonly maxConnections: number
}

export interface LoggedLine extends Line {
  readonly requestId: string
  readonly status: number
  readonly ms: number
}

const JSON_TYPE = 'application/json'
const CLIENT_ID = /^[A-Za-z0-9._-]{1,64}$/

/** The HTTP side of everything: raw bodies, SNAP's answer to every fault, one line and one measurement a request. */
export function openServer(deps: ServerDeps): FastifyInstance {
  const requestTimeout = deps.limits.requestTimeoutMs
  const app = fastify({
    logger: false,
    bodyLimit: deps.limits.bodyLimitBytes,
    requestTimeout,
    keepAliveTimeout: 72_000,
    requestIdHeader: false,
    // Of a proxy in front, which has an address of this network, X-Forwarded-For is believed; of nobody else.
    trustProxy: ['loopback', 'linklocal', 'uniquelocal'],
    http: {
      // Node would answer a missing host by itself, with an empty body.
      requireHostHeader: false,
      // Node takes the longer of the two for the whole request.
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: CHECK_EVERY_MS,
    },
    genReqId: requestIds(),
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: false },
    clientErrorHandler: answerGarbage,
    frameworkErrors: (error, request, reply) => {
      request.line = { operation: 'unknown' }
      return refuse(error, request, reply)
    },
    // A request that came through is served also while closing: fastify's own refusal is not SNAP's.
    return503OnClosing: false,
  })
  limitConnections(app.server, deps.limits.maxConnections, () => deps.metrics.countFault('connections'))
  app.server.on('checkExpectation', (request, response) => app.routing(request, response))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  for (const name of ['line', 'profile', 'transactionHeaders', 'tokenHeaders']) app.decorateRequest(name)
  app.addHook('onRequest', (request, reply, done) => {
    const { operation, page } = request.routeOptions.config
    request.line = { operation: operation ?? page?.operation ?? 'unknown' }
    if (operation !== undefined) reply.type(JSON_TYPE)
    const isHostless = request.headers.host === undefined && request.raw.httpVersion === '1.1'
    if (request.is404) return done(notFound(request, reply))
    done(isHostless ? new SnapError('badRequest') : undefined)
  })
  let isClosing = false
  app.addHook('preClose', async () => {
    isClosing = true
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    // A connection that is kept open would keep a process that was asked to stop.
    if (isClosing) reply.header('connection', 'close')
    request.line.responseCode = typeof payload === 'string' ? responseCodeIn(payload) : undefined
    addHeaders(deps, request, reply)
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    report(deps, request, reply)
    done()
  })
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
  return app
}

/** A path that nobody serves is a function that is not supported; a wrong method an operation that is not allowed. */
function notFound(request: FastifyRequest, reply: FastifyReply): SnapError {
  const path = request.raw.url?.split('?', 1)[0]
  const contract = CONTRACTS.find((known) => pathsOf(known).includes(path ?? ''))
  if (contract === undefined) return new SnapError('requestedFunctionIsNotSupported')
  request.line.operation = contract.operation
  reply.header('allow', contract.method)
  return new SnapError('requestedOperationIsNotAllowed')
}

function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply | Promise<FastifyReply> {
  // The code alone does not say whose connection broke: the caller's, in the middle of its body, or the database's.
  const isCutOff = request.raw.readableAborted
  const { page } = request.routeOptions.config
  const operation = page === undefined ? (request.line.operation as Operation) : 'unknown'
  const answer = errorReply(isCutOff ? new SnapError('badRequest') : error, operation, request.profile)
  if (answer.fault !== undefined) request.line.fault = answer.fault
  if (answer.outcome === 'tooManyRequests') reply.header('retry-after', retryAfter(error))
  const isKept = reply.raw.shouldKeepAlive
  // Fastify would close a connection whose body it does not want.
  if (isKept && reply.hasHeader('connection')) reply.header('connection', 'keep-alive')
  const fault = page?.renderFault(error)
  return answerEarly({ incoming: request.raw, isKept }, () =>
    fault === undefined
      ? reply.code(answer.status).type(JSON_TYPE).send(answer.text)
      : reply.code(fault.status).headers(fault.headers).send(fault.body),
  )
}

function retryAfter(error: unknown): string {
  return String(error instanceof SnapError ? (error.retryAfterSeconds ?? 1) : 1)
}

/** SNAP wants the time on every reply, DOKU the client's id; the request id is ours and has no place in the body. */
function addHeaders(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
  if (request.line.responseCode === undefined) return
  const clientId = request.headers['x-partner-id'] ?? request.headers['x-client-key']
  if (typeof clientId === 'string' && CLIENT_ID.test(clientId)) reply.header('x-client-key', clientId)
  reply.header('x-timestamp', formatTimestamp(deps.clock.now()))
  // Fastify adds a character set, which JSON has none of.
  reply.header('content-type', JSON_TYPE)
}

const MOVES_MONEY: ReadonlySet<string> = new Set(['payment-host-to-host', 'refund'] satisfies Operation[])

function report(deps: ServerDeps, request: FastifyRequest, reply: FastifyReply): void {
  const { line } = request
  if (line.operation === 'unknown' && reply.statusCode < 400) return
  if (MOVES_MONEY.has(line.operation) && line.responseCode !== undefined) {
    const outcome = outcomeByCase(line.responseCode.slice(0, 3) + line.responseCode.slice(5))
    // Who answered may know better: a way to a page is a success that moves nothing.
    if (outcome !== undefined) line.money ??= OUTCOMES[outcome].money
  }
  const ms = Math.round(reply.elapsedTime * 100) / 100
  deps.metrics.observeRequest(
    { operation: line.operation, responseCode: line.responseCode ?? String(reply.statusCode) },
    ms / 1000,
  )
  if (line.fault !== undefined) deps.metrics.countFault('request')
  deps.log(Object.assign(line, { requestId: request.id, status: reply.statusCode, ms }))
}

/** What Node's parser refuses never becomes a request, yet it too is answered in SNAP's form. */
function answerGarbage(error: Error & { code?: string }, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET') return void socket.destroy()
  const { text } = errorReply(new SnapError('badRequest'), 'unknown')
  const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: ${JSON_TYPE}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n`
  giveUp(socket, head + text)
}

/** Unique across processes and restarts: a random head and a counter. */
function requestIds(): () => string {
  const head = randomBytes(6).toString('base64url')
  let count = 0
  return () => `${head}-${(++count).toString(36)}`
}
