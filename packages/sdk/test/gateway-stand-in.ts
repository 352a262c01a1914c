import { generateKeyPairSync } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { STRICT_FORMS } from '@gerbang/snap/json-text'
import { verifyAsymmetric, verifySymmetric } from '@gerbang/snap/signature'
import { tokenStringToSign } from '@gerbang/snap/string-to-sign'
import { SnapClient, type SnapClientOptions } from '../src/index.ts'

export const PAYMENT = '/direct-debit/core/v1/debit/payment-host-to-host'
export const STATUS = '/orders/v1.0/debit/status'
export const TOKEN = '/authorization/v1/access-token/b2b'
export const CUSTOMER_TOKEN = '/authorization/v1/access-token/b2b2c'

export const CLIENT_ID = 'BRN-TEST-1'
export const CLIENT_SECRET = 'SK-TopSecret-0123456789'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
export const PRIVATE_KEY = keys.privateKey

export interface Seen {
  readonly path: string
  readonly externalId: string | undefined
  readonly accessToken: string
  readonly raw: string
  readonly headers: IncomingHttpHeaders
}

/** What to answer: a status with a SNAP body, text that is not SNAP, or a connection that breaks. */
export type Reply = { status: number; body: object | string; headers?: Record<string, string> } | 'break'

export interface StandIn {
  readonly baseUrl: string
  readonly seen: Seen[]
  readonly faults: string[]
  tokensIssued: number
  /** Answers in order; the last one stays. */
  answers: Reply[]
  /** When given, answers by path instead. */
  answerTo?: (path: string) => Reply
  tokenAnswers: Reply[]
  expiresIn: number
}

/** A gateway that checks every signature with the protocol's own code and answers what the test wants. */
export async function openStandIn(t: TestContext, prefix = ''): Promise<StandIn> {
  const server = createServer(async (request, response) => {
    const raw = await bodyOf(request)
    const reply = answerAny(request, raw)
    if (reply === 'break') return request.socket.destroy()
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  const standIn: StandIn = {
    baseUrl: `http://127.0.0.1:${port}${prefix}`,
    seen: [],
    faults: [],
    tokensIssued: 0,
    answers: [],
    tokenAnswers: [],
    expiresIn: 900,
  }

  function answerAny(request: IncomingMessage, raw: string): Reply {
    if (request.url === prefix + TOKEN) return answerToken(request)
    if (request.url === prefix + CUSTOMER_TOKEN) return answerCustomerToken(request, raw)
    return answerCall(request, raw)
  }

  function answerCustomerToken(request: IncomingMessage, raw: string): Reply {
    checkTokenSignature(request)
    return see(request, raw)
  }

  function checkTokenSignature(request: IncomingMessage): void {
    const text = tokenStringToSign(CLIENT_ID, header(request, 'x-timestamp'))
    const isSigned = verifyAsymmetric(keys.publicKey, text, header(request, 'x-signature'))
    if (!isSigned || header(request, 'x-client-key') !== CLIENT_ID) standIn.faults.push('token signature')
  }

  function answerToken(request: IncomingMessage): Reply {
    checkTokenSignature(request)
    const scripted = standIn.tokenAnswers.shift()
    if (scripted !== undefined) return scripted
    standIn.tokensIssued += 1
    const accessToken = `token-${standIn.tokensIssued}`
    const { expiresIn } = standIn
    return {
      status: 200,
      body: { ...snap('2007300'), accessToken, tokenType: 'Bearer', expiresIn, additionalInfo: '' },
    }
  }

  function answerCall(request: IncomingMessage, raw: string): Reply {
    const accessToken = header(request, 'authorization').replace('Bearer ', '')
    const path = request.url ?? ''
    const form = verifySymmetric({
      secret: CLIENT_SECRET,
      method: 'POST',
      target: path,
      accessToken,
      body: Buffer.from(raw),
      timestamp: header(request, 'x-timestamp'),
      signature: header(request, 'x-signature'),
      forms: STRICT_FORMS,
    })
    if (form === undefined || header(request, 'x-partner-id') !== CLIENT_ID)
      standIn.faults.push(`signature of ${path}`)
    return see(request, raw)
  }

  function see(request: IncomingMessage, raw: string): Reply {
    const accessToken = header(request, 'authorization').replace('Bearer ', '')
    const path = request.url ?? ''
    const { headers } = request
    standIn.seen.push({ path, externalId: header(request, 'x-external-id'), accessToken, raw, headers })
    if (standIn.answerTo !== undefined) return standIn.answerTo(path)
    const [next = { status: 500, body: snap('5005400') }] = standIn.answers
    if (standIn.answers.length > 1) standIn.answers.shift()
    return next
  }

  return standIn
}

export function snap(responseCode: string, responseMessage = 'Any Words'): Record<string, unknown> {
  return { responseCode, responseMessage }
}

export function answer(
  responseCode: string,
  more: object = {},
  status = Number(responseCode.slice(0, 3)),
): Reply {
  return { status, body: { ...snap(responseCode), ...more } }
}

export function clientOf(standIn: { baseUrl: string }, more: Partial<SnapClientOptions> = {}): SnapClient {
  return new SnapClient({
    baseUrl: standIn.baseUrl,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    privateKey: PRIVATE_KEY,
    pause: async () => {},
    ...more,
  })
}

export const ORDER = {
  partnerReferenceNo: 'INV-1',
  amount: '10000.00',
  chargeToken: '9360000200000200001',
  otp: '12345678',
} as const

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '')
}
