import { randomBytes } from 'node:crypto'
import {
  formatTimestamp,
  hashBody,
  PaymentHostToHost,
  signAsymmetric,
  signSymmetric,
  symmetricStringToSign,
  tokenStringToSign,
} from '@gerbang/snap'

export interface Merchant {
  readonly partnerId: string
  readonly clientSecret: string
}

/** The simulator's account without a limit, and a one-time token that every issuer takes. */
const CARD = '9360000220000000037'
export const ONE_TIME_TOKEN = '12345678'
export const AMOUNT_MINOR = 1_000_000n
const AMOUNT = '10000.00'
const TOKEN_PATH = '/authorization/v1/access-token/b2b'

export async function fetchToken(url: string, partnerId: string, privateKeyPem: string): Promise<string> {
  const timestamp = formatTimestamp(Date.now())
  const response = await fetch(`${url}${TOKEN_PATH}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-client-key': partnerId,
      'x-timestamp': timestamp,
      'x-signature': signAsymmetric(privateKeyPem, tokenStringToSign(partnerId, timestamp)),
    },
    body: '{"grantType":"client_credentials"}',
  })
  const { accessToken } = (await response.json()) as { accessToken?: string }
  if (accessToken === undefined) throw new Error(`no access token: HTTP ${response.status}`)
  return accessToken
}

/** The members of a payment's body that say whose card is charged. */
export type Source = Readonly<Record<string, unknown>>

export const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
export const CARD_SOURCE: Source = {
  chargeToken: CARD,
  otp: ONE_TIME_TOKEN,
  additionalInfo: { channel: CHANNEL },
}

export interface Signing {
  readonly merchant: Merchant
  readonly accessToken: string
  readonly host: string
  /** Used in turn. */
  readonly sources: readonly Source[]
}

/** Makes whole requests, as they go over the wire; each is another payment. External ids are random: the hard case. */
export function openSigner({ merchant, accessToken, host, sources }: Signing): () => Buffer {
  const run = Date.now().toString(36)
  const timestamp = formatTimestamp(Date.now())
  const head = [
    `POST ${PaymentHostToHost.path} HTTP/1.1`,
    `Host: ${host}`,
    'Content-Type: application/json',
    `Authorization: Bearer ${accessToken}`,
    `X-PARTNER-ID: ${merchant.partnerId}`,
    `X-TIMESTAMP: ${timestamp}`,
  ].join('\r\n')
  let serial = 0
  return () => {
    const body = JSON.stringify({
      partnerReferenceNo: `INV-${run}-${String(++serial).padStart(7, '0')}`,
      amount: { value: AMOUNT, currency: 'IDR' },
      ...sources[serial % sources.length],
    })
    const text = symmetricStringToSign({
      method: 'POST',
      target: PaymentHostToHost.path,
      accessToken,
      bodyHash: hashBody(Buffer.from(body)),
      timestamp,
    })
    const externalId = randomBytes(16).toString('hex')
    const signature = signSymmetric(merchant.clientSecret, text)
    return Buffer.from(
      `${head}\r\nX-EXTERNAL-ID: ${externalId}\r\nX-SIGNATURE: ${signature}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  }
}
