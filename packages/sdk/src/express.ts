import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  NotificationError,
  notificationReceiver,
  RawBodyError,
  type ReceiverOptions,
  type ReceiverReply,
} from './index.ts'

const BODY_MAX = 1024 * 1024
const FIX =
  'Register the two routes before app.use(express.json()), or let it keep the bytes: express.json({ verify: (req, res, bytes) => { req.rawBody = bytes } }).'

/** A request of Express 4 and 5, of Connect, or of Node.js itself. */
export type Request = IncomingMessage & {
  readonly originalUrl?: string
  readonly body?: unknown
  readonly rawBody?: unknown
}

export type Handler = (
  request: Request,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void>

export interface Handlers {
  /** For `app.post()` of your token URL. */
  readonly token: Handler
  /** For `app.post()` of your notification URL, and of your binding URL. */
  readonly notify: Handler
}

/**
 * The two endpoints that a gateway calls. They read the bytes themselves; what a callback throws goes to `next`.
 * @throws ValidationError when an option is missing
 */
export function notifications(options: ReceiverOptions): Handlers {
  const receiver = notificationReceiver(options)
  return {
    token: handler((request) => receiver.token({ headers: request.headers })),
    notify: handler(async (request) => {
      const { headers, method = 'POST', originalUrl, url = '/' } = request
      const rawBody = await bytesOf(request)
      return receiver.notify({ headers, method, url: originalUrl ?? url, rawBody })
    }),
  }
}

function handler(answer: (request: Request) => ReceiverReply | Promise<ReceiverReply>): Handler {
  return async (request, response, next) => {
    try {
      const { status, headers, body } = await answer(request)
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
    } catch (error) {
      if (!(error instanceof NotificationError)) return next(error)
      const { httpStatus, responseCode, responseMessage } = error
      response.writeHead(httpStatus, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify({ responseCode, responseMessage }))
    }
  }
}

/** The bytes that arrived, also when another parser has kept them. */
async function bytesOf(request: Request): Promise<Uint8Array | string> {
  for (const kept of [request.rawBody, request.body]) {
    if (kept instanceof Uint8Array || typeof kept === 'string') return kept
  }
  if (request.readableDidRead) throw new RawBodyError(FIX)
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX) throw new NotificationError('notify', 'badRequest')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
