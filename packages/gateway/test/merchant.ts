import { createHash, createHmac, type KeyObject, randomInt, sign } from 'node:crypto'
import { Agent, request } from 'node:http'

export interface MerchantKeys {
  readonly baseUrl: string
  readonly partnerId: string
  readonly clientSecret: string
  readonly privateKey: KeyObject
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: a reply under test has whatever it has
  readonly body: any
}

export interface Changes {
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** Sent instead of the signed body. */
  readonly sent?: string | Buffer
  readonly baseUrl?: string
}

export interface CallChanges extends Changes {
  readonly externalId?: string
  readonly timestamp?: string
  readonly token?: string
  /** Signed instead of the path that is called. */
  readonly signedPath?: string
}

export const PAYMENT_PATH = '/direct-debit/core/v1/debit/payment-host-to-host'
export const STATUS_PATH = '/orders/v1.0/debit/status'
export const TOKEN_PATH = '/authorization/v1/access-token/b2b'
/** The simulator's card without a daily limit: a test that repeats itself must not run out of money. */
export const CARD = '9360000220000000037'
export const ONE_TIME_TOKEN = '12345678'

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** A merchant written from the specification with `node:crypto` alone, so that it cannot share a bug with the gateway. */
export class Merchant {
  readonly keys: MerchantKeys
  #token: string | undefined

  constructor(keys: MerchantKeys) {
    this.keys = keys
  }

  async token(): Promise<string> {
    if (this.#token !== undefined) return this.#token
    const answer = await this.askToken()
    this.#token = answer.body.accessToken as string
    return this.#token
  }

  askToken(changes: Changes & { body?: string; timestamp?: string } = {}): Promise<Answer> {
    const timestamp = changes.timestamp ?? now()
    const text = `${this.keys.partnerId}|${timestamp}`
    const signature = sign('sha256', Buffer.from(text), this.keys.privateKey).toString('base64')
    const headers = {
      'X-CLIENT-KEY': this.keys.partnerId,
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signature,
      ...changes.headers,
    }
    return send(
      changes.baseUrl ?? this.keys.baseUrl,
      TOKEN_PATH,
      headers,
      changes.body ?? '{"grantType":"client_credentials"}',
    )
  }

  async call(path: string, body: object | string | Buffer, changes: CallChanges = {}): Promise<Answer> {
    const { token, text, timestamp, signature } = await this.signatureFor(path, body, changes)
    const headers = {
      'X-PARTNER-ID': this.keys.partnerId,
      'X-EXTERNAL-ID': changes.externalId ?? newId(),
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE': signature,
      Authorization: `Bearer ${token}`,
      ...changes.headers,
    }
    return send(changes.baseUrl ?? this.keys.baseUrl, path, headers, changes.sent ?? text)
  }

  /** What a call of this path with this body is signed with. */
  async signatureFor(path: string, body: object | string | Buffer, changes: CallChanges = {}) {
    const token = changes.token ?? (await this.token())
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
    const timestamp = changes.timestamp ?? now()
    const digest = createHash('sha256').update(text).digest('hex')
    const stringToSign = `POST:${changes.signedPath ?? path}:${token}:${digest}:${timestamp}`
    const signature = createHmac('sha512', this.keys.clientSecret).update(stringToSign).digest('base64')
    return { token, text, timestamp, signature }
  }

  pay(changes: Partial<ReturnType<typeof aPayment>> = {}, more: CallChanges = {}): Promise<Answer> {
    return this.call(PAYMENT_PATH, aPayment(changes), more)
  }

  status(names: object, more: CallChanges = {}): Promise<Answer> {
    return this.call(STATUS_PATH, names, more)
  }

  /** Asks until the payment stands as wanted, at most for ten seconds. */
  async waitFor(partnerReferenceNo: string, latestTransactionStatus: string): Promise<Answer> {
    const until = Date.now() + 10_000
    for (;;) {
      const answer = await this.status({ originalPartnerReferenceNo: partnerReferenceNo })
      if (answer.body.latestTransactionStatus === latestTransactionStatus || Date.now() > until) return answer
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

export function aPayment(changes: object = {}) {
  return {
    partnerReferenceNo: `INV-${newId()}`,
    chargeToken: CARD,
    otp: ONE_TIME_TOKEN,
    amount: { value: '10000.00', currency: 'IDR' },
    additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    ...changes,
  }
}

export function newId(): string {
  return `${Date.now()}${String(randomInt(1e9)).padStart(9, '0')}`
}

export function now(offsetMs = 0): string {
  return `${new Date(Date.now() + 7 * 3_600_000 + offsetMs).toISOString().slice(0, 19)}+07:00`
}

export function send(
  baseUrl: string,
  /** The path alone is a POST; `GET /healthz` names another method. */
  target: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: string | Buffer,
): Promise<Answer> {
  const [path = '', method = 'POST'] = target.split(' ').reverse()
  const given = Object.fromEntries(
    Object.entries({ 'Content-Type': 'application/json', ...headers }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${baseUrl}${path}`,
      { method, agent, headers: { ...given, 'Content-Length': Buffer.byteLength(body) } },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8')
          const isJson = text !== '' && incoming.headers['content-type']?.includes('json')
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text,
            body: isJson ? JSON.parse(text) : undefined,
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
