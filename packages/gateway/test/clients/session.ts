import { createHash, createHmac, sign } from 'node:crypto'
import type { Merchant } from '../merchant.ts'
import { CALLS, type Call, type Client, type HeaderLines, TOKENS, type TokenCall } from './client.ts'
import { oneConnection, type Posted, post } from './wire.ts'
import type { Json } from './write-json.ts'

export interface Changes {
  /** Epoch milliseconds of the client's clock. */
  readonly at?: number
  readonly externalId?: string
  readonly token?: string
  readonly customerToken?: string | null
  /** Besides the library's own lines. */
  readonly lines?: HeaderLines
  readonly baseUrl?: string
  /** Instead of the call's own, and signed. */
  readonly path?: string
}

type Keys = Merchant['keys']

/** One library at work for a merchant: one connection, one slot for the partner's token and one for a customer's. */
export class Session {
  readonly client: Client
  readonly #keys: Keys
  readonly #agent = oneConnection()
  token = ''
  customerToken: string | null = ''

  constructor(client: Client, { keys }: Pick<Merchant, 'keys'>) {
    this.client = client
    this.#keys = keys
  }

  /** Asks for a partner's token and keeps the new one. */
  async mint(changes: Changes = {}): Promise<Posted> {
    const answer = await this.#askToken('token_b2b', this.client.tokenBody, changes)
    if (answer.status === 200) this.token = answer.body.accessToken
    return answer
  }

  /** Asks for a customer's token; a refused one leaves the old one where it is. */
  async redeem(authCode: string, changes: Changes = {}): Promise<Posted> {
    const answer = await this.#askToken('token_b2b2c', this.client.customerTokenBody(authCode), changes)
    if (answer.status === 200) this.customerToken = answer.body.accessToken
    return answer
  }

  async call(call: Call, document: Json, changes: Changes = {}): Promise<Posted> {
    const { client } = this
    const at = changes.at ?? Date.now()
    const token = changes.token ?? this.token
    const path = changes.path ?? CALLS[call]
    const body = client.sends(document, call)
    const timestamp = client.timestamp(at, call)
    const hash = createHash('sha256').update(client.signs(body)).digest('hex')
    const stringToSign = `POST:${path}:${token}:${hash}:${timestamp}`
    const lines = client.headers(call, {
      partnerId: this.#keys.partnerId,
      externalId: changes.externalId ?? client.externalId(at),
      timestamp,
      signature: createHmac('sha512', this.#keys.clientSecret).update(stringToSign).digest('base64'),
      token,
      customerToken: changes.customerToken === undefined ? this.customerToken : changes.customerToken,
      ipAddress: '203.0.113.17',
      deviceId: 'device-of-the-customer',
      channel: channelOf(document),
    })
    return this.#post(path, lines, body, changes)
  }

  #askToken(call: TokenCall, document: Json, changes: Changes): Promise<Posted> {
    const { client } = this
    const timestamp = client.timestamp(changes.at ?? Date.now(), call)
    const text = Buffer.from(`${this.#keys.partnerId}|${timestamp}`)
    const signature = sign('sha256', text, this.#keys.privateKey).toString('base64')
    const lines = client.tokenHeaders({ clientId: this.#keys.partnerId, timestamp, signature })
    return this.#post(TOKENS[call], lines, client.sends(document, call), changes)
  }

  #post(path: string, lines: HeaderLines, body: string, changes: Changes): Promise<Posted> {
    const baseUrl = changes.baseUrl ?? this.#keys.baseUrl
    return post({ baseUrl, path, lines: [...lines, ...(changes.lines ?? [])], body, agent: this.#agent })
  }

  close(): void {
    this.#agent.destroy()
  }
}

function channelOf(document: Json): string {
  const { additionalInfo } = document as { additionalInfo?: { channel?: string } }
  return additionalInfo?.channel ?? ''
}
