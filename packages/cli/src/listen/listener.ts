import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Notification,
  NotificationError,
  notificationTokens,
  type TokenKeys,
  verifyNotification,
} from '@gerbang/sdk'
import { parseTimestamp } from '@gerbang/snap/timestamp'
import type { Answer, Answering } from './answering.ts'
import type { History } from './history.ts'
import { LISTEN_PATHS } from './places.ts'
import type { Received } from './received.ts'

export interface ListenerOptions {
  readonly host: string
  readonly port: number
  readonly keys: TokenKeys
  /** Epoch milliseconds by the demo's clock. */
  readonly now: () => number
  readonly answer: Answering
  readonly history: History
  readonly onReceived: (received: Received) => void
  /** A request for a token that is not the gateway's. */
  readonly onTokenRefused: (refusal: string) => void
}

export interface Listener {
  readonly url: string
  /** Rejects when the port is lost for good. */
  readonly lost: Promise<never>
  close(): Promise<void>
}

const BODY_MAX = 1024 * 1024

/** The partner's side of a notification: its token endpoint, and whatever other path the gateway calls. Rejects when the port is taken. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const server = createServer((request, response) => {
    serve(options, request, response).catch(() => response.destroy())
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const lost = new Promise<never>((_, reject) => {
    server.once('error', reject)
    server.once('close', () => reject(new Error('the port was closed')))
  })
  // Nobody waits for it once the listener was asked to end.
  lost.catch(() => {})
  return { url: urlOf(server, options.host), lost, close: () => end(server) }
}

function urlOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

async function end(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const hurry = setTimeout(() => server.closeAllConnections(), 1_000)
  await closed
  clearTimeout(hurry)
}

async function serve(
  options: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  if (request.method !== 'POST') return reply(response, 405, '{"error":"notifications are posted"}')
  const body = await readBody(request)
  if (body === undefined) return reply(response, 413, '{"error":"longer than any notification"}')
  // The gateway's clock may be set, or may not be: whichever the request was made by counts.
  const keys = { ...options.keys, clock: () => nearest(request, options.now()) }
  if (path === LISTEN_PATHS.token) return answerToken(options, { request, response, keys })

  const verified = attempt(() =>
    verifyNotification(
      { rawBody: body, headers: request.headers, method: 'POST', url: request.url ?? '/' },
      keys,
    ),
  )
  const { status, body: text, forwarded } = await answerTo(options, verified, path)
  const isRight = !(verified instanceof NotificationError)
  const received: Received = {
    at: options.now(),
    path,
    notification: isRight ? verified : undefined,
    refusal: isRight ? undefined : verified.message,
    delivery: isRight ? options.history.deliveriesOf(verified.id) + 1 : 1,
    answered: status,
    forwarded,
  }
  options.history.keep(received)
  options.onReceived(received)
  reply(response, status, text)
}

async function answerTo(
  options: ListenerOptions,
  verified: Notification | NotificationError,
  path: string,
): Promise<Answer> {
  if (!(verified instanceof NotificationError)) return options.answer(verified, path)
  return { status: verified.httpStatus, body: refusalText(verified) }
}

function answerToken(
  { onTokenRefused }: ListenerOptions,
  {
    request,
    response,
    keys,
  }: {
    readonly request: IncomingMessage
    readonly response: ServerResponse
    readonly keys: TokenKeys
  },
): void {
  const token = attempt(() => notificationTokens(keys).answer({ headers: request.headers }))
  if (token instanceof NotificationError) {
    onTokenRefused(token.message)
    reply(response, token.httpStatus, refusalText(token))
  } else {
    reply(response, 200, JSON.stringify(token.body), token.headers)
  }
}

function nearest({ headers }: IncomingMessage, demoNow: number): number {
  const sent = parseTimestamp(String(headers['x-timestamp'] ?? '')) ?? demoNow
  const machineNow = Date.now()
  return Math.abs(sent - demoNow) <= Math.abs(sent - machineNow) ? demoNow : machineNow
}

function attempt<Value>(act: () => Value): Value | NotificationError {
  try {
    return act()
  } catch (error) {
    if (error instanceof NotificationError) return error
    throw error
  }
}

function refusalText({ responseCode, responseMessage }: NotificationError): string {
  return JSON.stringify({ responseCode, responseMessage })
}

function reply(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
