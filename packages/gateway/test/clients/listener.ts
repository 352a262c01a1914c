import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client } from './client.ts'

export const NOTIFY_PATH = '/v1.0/debit/notify'
export const TOKEN_PATH = '/authorization/v1/access-token/b2b'

type Name = Client['name']
type HttpAnswer = readonly [status: number, text: string]

/** A notification as it came in. */
export interface Heard {
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a body under test has whatever it has
  readonly body: any
  readonly headers: Readonly<Record<string, string>>
  /** Whether the signature fits the body as this library would write it again, under the token that it has issued. */
  readonly fits: boolean
}

/** A merchant's server that does with what it is told what its library does. */
export interface Listener {
  readonly url: string
  readonly heard: Heard[]
  /** How often a token was asked for. */
  readonly asked: boolean[]
  /** Instead of the library's own answer. */
  answer: ((heard: Heard, isKnown: boolean) => HttpAnswer) | undefined
  /** Instead of the library's own token answer. */
  issue: (() => HttpAnswer) | undefined
  close(): Promise<void>
}

export interface ListenerKeys {
  readonly partnerId: string
  readonly clientSecret: string
  readonly gatewayKey: KeyObject
}

/** What each library answers to a token request that it believes. */
const ISSUED: Readonly<Record<Name, object>> = {
  // It reads its own expiry from an answer that has none.
  node: { tokenType: 'Bearer', additionalInfo: '' },
  php: { tokenType: 'Bearer', expiresIn: 900, additionalInfo: '' },
  go: { tokenType: 'Bearer', expiresIn: 900, additionalInfo: '' },
  java: { tokenType: 'Bearer', expiresIn: '900', additionalInfo: '' },
  python: { tokenType: 'Bearer', expiresIn: 890, additionalInfo: '' },
}

const REFUSED_TOKEN: HttpAnswer = [
  401,
  '{"responseCode":"4017300","responseMessage":"Unauthorized.Invalid Signature"}',
]
const TAKEN: HttpAnswer = [
  200,
  '{"responseCode":"2005600","approvalCode":"201039000200","responseMessage":"Request has been processed successfully"}',
]
/** Every library says that a token is wrong as if its server were broken. */
const INVALID_TOKEN: HttpAnswer = [
  500,
  '{"responseCode":"5005600","approvalCode":"201039000200","responseMessage":"Invalid Token"}',
]

const tokenKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** Opens the server of a merchant who uses that library, on a port of its own. */
export async function openListener(client: Client, keys: ListenerKeys): Promise<Listener> {
  const issued = new Set<string>()
  const listener: Listener = {
    url: '',
    heard: [],
    asked: [],
    answer: undefined,
    issue: undefined,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  const giveToken = (headers: Record<string, string>): HttpAnswer => {
    // The id is the merchant's own: none of them looks at X-CLIENT-KEY.
    const text = Buffer.from(`${keys.partnerId}|${headers['x-timestamp']}`)
    const signature = Buffer.from(headers['x-signature'] ?? '', 'base64')
    const isOurs = verify('sha256', text, keys.gatewayKey, signature)
    listener.asked.push(isOurs)
    if (!isOurs) return REFUSED_TOKEN
    if (listener.issue !== undefined) return listener.issue()
    const accessToken = newToken(client.name, keys.partnerId)
    issued.add(accessToken)
    const head = { responseCode: '2007300', responseMessage: 'Successful', accessToken }
    return [200, JSON.stringify({ ...head, ...ISSUED[client.name] })]
  }
  const take = (path: string, text: string, headers: Record<string, string>): HttpAnswer => {
    const token = headers.authorization?.replace(/^Bearer /, '') ?? ''
    const hash = createHash('sha256').update(client.hears(text)).digest('hex')
    const stringToSign = `POST:${path}:${token}:${hash}:${headers['x-timestamp']}`
    const mac = createHmac('sha512', keys.clientSecret).update(stringToSign).digest('base64')
    const heard = { text, headers, body: JSON.parse(text), fits: mac === headers['x-signature'] }
    listener.heard.push(heard)
    const isKnown = headers.authorization?.startsWith('Bearer ') === true && issued.has(token)
    return listener.answer?.(heard, isKnown) ?? (isKnown ? TAKEN : INVALID_TOKEN)
  }
  const server = createServer(async (request, response) => {
    const [path, text] = [request.url ?? '', await textOf(request)]
    const headers = request.headers as Record<string, string>
    const [status, answer] = path === TOKEN_PATH ? giveToken(headers) : take(path, text, headers)
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(listener, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

/** RS256, with the claims that the library writes. */
function newToken(name: Name, clientId: string): string {
  const exp = name === 'node' ? null : Math.floor(Date.now() / 1000) + 900
  const issuer = name === 'node' || name === 'java' ? { issuer: 'Toko Uji' } : { iss: 'Toko Uji' }
  const parts = [
    { alg: 'RS256', typ: 'JWT' },
    { exp, ...issuer, clientId, at: process.hrtime.bigint().toString() },
  ]
  const text = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${text}.${sign('sha256', Buffer.from(text), tokenKeys.privateKey).toString('base64url')}`
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
