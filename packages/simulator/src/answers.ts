import { isUtf8 } from 'node:buffer'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Entry, Particulars } from './entry.ts'
import type { Verdict } from './verdict.ts'

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

export function answer(response: ServerResponse, status: number, body: unknown) {
  answerText(response, status, JSON.stringify(body))
}

export function answerText(response: ServerResponse, status: number, text: string) {
  if (response.destroyed || response.headersSent) return
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}

/** The members of a charge as both the charge and the inquiry show them. */
export function chargeReply(entry: Entry, verdict: Verdict) {
  return {
    referenceNo: entry.referenceNo,
    status: verdict.status,
    resultCode: verdict.resultCode,
    networkReferenceNo: entry.networkReferenceNo,
    amount: { value: entry.amount, currency: 'IDR' },
    ...(verdict.status === 'approved' && entry.particulars && linkingReply(entry.particulars)),
  }
}

function linkingReply({ linking }: Particulars) {
  if (linking === undefined) return {}
  return linking === '' ? { linking: 'declined' } : { linking: 'linked', networkToken: linking }
}

/**
 * Hands over the body's bytes once, or undefined as soon as they are more than `mostBytes`; the answer to that
 * ends the connection, since the rest of the body is still coming.
 */
export function readBody(exchange: Exchange, mostBytes: number, take: (body: Buffer | undefined) => void) {
  const { request, response } = exchange
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    if (size > mostBytes) return
    size += chunk.length
    if (size <= mostBytes) {
      chunks.push(chunk)
      return
    }
    response.setHeader('connection', 'close')
    response.once('finish', () => request.destroy())
    take(undefined)
  })
  request.on('end', () => {
    if (size <= mostBytes) take(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
  })
}

/** The value of a JSON body; undefined, which JSON cannot say, when it is none. */
export function parseJson(body: Buffer | undefined): unknown {
  if (!body || !isUtf8(body)) return undefined
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
