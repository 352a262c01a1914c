import { createHash, createHmac, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a partner's server was told. */
export interface Told {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a body under test has whatever it has
  readonly body: any
  readonly at: number
  /** How it was signed, checked with `node:crypto` alone; undefined when the signature fits nothing. */
  readonly proof: 'symmetric' | 'asymmetric' | undefined
}

export interface Sink {
  readonly url: string
  readonly told: Told[]
  readonly tokenRequests: Told[]
  /** What the next notifications are answered with; a number is a status. */
  answer: (
    told: Told,
  ) => number | { status: number; text: string } | Promise<number | { status: number; text: string }>
  /** What the token URL gives; undefined refuses. */
  token: () => { accessToken: string; expiresIn?: number | string } | undefined
  /** Resolves when so many notifications have come, or throws after ten seconds. */
  untilTold(count: number): Promise<readonly Told[]>
  close(): Promise<void>
}

export interface SinkKeys {
  readonly clientSecret: string
  readonly partnerId: string
  /** PEM of the gateway's public key. */
  readonly gatewayKey: string | KeyObject
}

export const NOTIFY_PATH = '/v1.0/debit/notify'
export const TOKEN_PATH = '/authorization/v1/access-token/b2b'

/** A partner's server, written from the specification: it shares nothing with the gateway. */
export async function openSink(keys: SinkKeys, port = 0): Promise<Sink> {
  const gatewayKey = typeof keys.gatewayKey === 'string' ? createPublicKey(keys.gatewayKey) : keys.gatewayKey
  const issued = new Set<string>()
  const server = createServer((request, response) => void serve(request, response))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')

  const sink: Sink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    told: [],
    tokenRequests: [],
    answer: () => 200,
    token: () => ({ accessToken: randomBytes(12).toString('hex'), expiresIn: 900 }),
    async untilTold(count) {
      const until = Date.now() + 10_000
      while (sink.told.length < count) {
        if (Date.now() > until) throw new Error(`told ${sink.told.length} times, not ${count}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return sink.told
    },
    async close() {
      if (!server.listening) return
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const headers = request.headers as Record<string, string>
    const path = request.url ?? ''
    const told = { path, headers, text, body: JSON.parse(text), at: Date.now() }
    const answer =
      path === TOKEN_PATH
        ? issue({ ...told, proof: tokenProof(headers) })
        : await take({ ...told, proof: proofOf(path, text, headers) })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text)
  }

  function issue(asked: Told) {
    sink.tokenRequests.push(asked)
    const token = asked.proof === undefined ? undefined : sink.token()
    if (token === undefined)
      return { status: 401, text: '{"responseCode":"4017300","responseMessage":"Unauthorized."}' }
    issued.add(token.accessToken)
    const words = {
      responseCode: '2007300',
      responseMessage: 'Successful',
      tokenType: 'Bearer',
      additionalInfo: '',
    }
    return { status: 200, text: JSON.stringify({ ...words, ...token }) }
  }

  async function take(told: Told) {
    sink.told.push(told)
    const answer = await sink.answer(told)
    const text = '{"responseCode":"2005600","responseMessage":"Request has been processed successfully"}'
    return typeof answer === 'number' ? { status: answer, text } : answer
  }

  const isOurs = (signature: string | undefined, text: string) =>
    verify('sha256', Buffer.from(text), gatewayKey, Buffer.from(signature ?? '', 'base64'))

  function tokenProof(headers: Record<string, string>): Told['proof'] {
    const text = `${headers['x-client-key']}|${headers['x-timestamp']}`
    return headers['x-client-key'] === keys.partnerId && isOurs(headers['x-signature'], text)
      ? 'asymmetric'
      : undefined
  }

  function proofOf(path: string, text: string, headers: Record<string, string>): Told['proof'] {
    const hash = createHash('sha256').update(text).digest('hex')
    const { authorization, 'x-timestamp': timestamp, 'x-signature': signature } = headers
    if (authorization === undefined)
      return isOurs(signature, `POST:${path}:${hash}:${timestamp}`) ? 'asymmetric' : undefined
    const token = authorization.replace(/^Bearer /, '')
    const mac = createHmac('sha512', keys.clientSecret).update(`POST:${path}:${token}:${hash}:${timestamp}`)
    return issued.has(token) && mac.digest('base64') === signature ? 'symmetric' : undefined
  }
  return sink
}
