import { randomBytes } from 'node:crypto'
import {
  formatTimestamp,
  hashBody,
  OtpVerification,
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

type Members = Readonly<Record<string, unknown>>

/** Who is charged. */
export interface Source {
  /** Of the payment's body. */
  readonly members: { readonly additionalInfo: Members & { readonly channel: string } } & Members
  /** Of a customer whose bank is met by the merchant's server. */
  readonly customer?: {
    readonly token: string
    /** By which the customer confirms, in a request of its own. */
    readonly code?: string
  }
}

export const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
export const DEBIT_CHANNEL = 'DIRECT_DEBIT_BRI_SNAP'
export const CARD_SOURCE: Source = {
  members: { chargeToken: CARD, otp: ONE_TIME_TOKEN, additionalInfo: { channel: CHANNEL } },
}

export interface Signing {
  readonly merchant: Merchant
  readonly accessToken: string
  readonly host: string
  /** Used in turn. */
  readonly sources: readonly Source[]
}

/** One payment as it goes over the wire: a whole request, and where its customer confirms it another. */
export type Signed = readonly [payment: Buffer, confirmation?: Buffer]

/** Makes signed payments, each another one. External ids are random: the hard case. */
export function openSigner(signing: Signing): () => Signed {
  const { sources } = signing
  const run = Date.now().toString(36)
  const request = openRequests(signing)
  let serial = 0
  return () => {
    const partnerReferenceNo = `INV-${run}-${String(++serial).padStart(7, '0')}`
    const { members, customer } = sources[serial % sources.length] ?? CARD_SOURCE
    const head =
      customer === undefined ? '' : `\r\nX-CHANNEL-ID: H2H\r\nAuthorization-Customer: ${customer.token}`
    const amount = { value: AMOUNT, currency: 'IDR' }
    const payment = request(PaymentHostToHost.path, { partnerReferenceNo, amount, ...members }, head)
    if (customer?.code === undefined) return [payment]
    const { channel } = members.additionalInfo
    const confirmation = {
      otp: customer.code,
      action: 'otpPayment',
      originalPartnerReferenceNo: partnerReferenceNo,
      additionalInfo: { channel, bankCardToken: customer.token },
    }
    return [payment, request(OtpVerification.path, confirmation, head)]
  }
}

function openRequests({ merchant, accessToken, host }: Signing) {
  const timestamp = formatTimestamp(Date.now())
  const common = [
    `Host: ${host}`,
    'Content-Type: application/json',
    `Authorization: Bearer ${accessToken}`,
    `X-PARTNER-ID: ${merchant.partnerId}`,
    `X-TIMESTAMP: ${timestamp}`,
  ].join('\r\n')
  return (target: string, members: object, head: string): Buffer => {
    const body = JSON.stringify(members)
    const bodyHash = hashBody(Buffer.from(body))
    const text = symmetricStringToSign({ method: 'POST', target, accessToken, bodyHash, timestamp })
    const externalId = randomBytes(16).toString('hex')
    const signature = signSymmetric(merchant.clientSecret, text)
    return Buffer.from(
      `POST ${target} HTTP/1.1\r\n${common}${head}\r\nX-EXTERNAL-ID: ${externalId}\r\nX-SIGNATURE: ${signature}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    )
  }
}
