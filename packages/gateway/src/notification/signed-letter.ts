import { type KeyObject, randomInt } from 'node:crypto'
import {
  asymmetricStringToSign,
  formatTimestamp,
  hashBody,
  signAsymmetric,
  signSymmetric,
  symmetricStringToSign,
} from '@gerbang/snap'
import type { Letter } from './post.ts'

/** How a notification proves where it comes from: by the partner's token and secret, or by the gateway's key. */
export type Proof =
  | { readonly kind: 'symmetric'; readonly secret: KeyObject; readonly accessToken: string }
  | { readonly kind: 'asymmetric'; readonly signingKey: KeyObject }

export interface LetterParts {
  readonly partnerId: string
  readonly url: URL
  readonly body: string
  /** What the payment came with, told again. */
  readonly device: { readonly deviceId?: unknown; readonly ipAddress?: unknown }
  readonly proof: Proof
  /** Names the customer. */
  readonly customerToken: string | undefined
  /** Epoch milliseconds. */
  readonly now: number
}

/** The request, signed over the very bytes that are sent. Signed anew for every attempt, under an external id of its own. */
export function signedLetter(letter: LetterParts): Letter {
  const { partnerId, url, body, device, proof, customerToken, now } = letter
  const timestamp = formatTimestamp(now)
  const parts = {
    method: 'POST',
    target: `${url.pathname}${url.search}`,
    bodyHash: hashBody(body),
    timestamp,
  }
  return {
    url,
    body,
    headers: {
      'Content-Type': 'application/json',
      'X-TIMESTAMP': timestamp,
      'X-SIGNATURE':
        proof.kind === 'symmetric'
          ? signSymmetric(proof.secret, symmetricStringToSign({ ...parts, accessToken: proof.accessToken }))
          : signAsymmetric(proof.signingKey, asymmetricStringToSign(parts)),
      'X-PARTNER-ID': partnerId,
      'X-EXTERNAL-ID': `${now}${String(randomInt(1e8)).padStart(8, '0')}`,
      ...echoed('X-DEVICE-ID', device.deviceId),
      ...echoed('X-IP-ADDRESS', device.ipAddress),
      ...(proof.kind === 'symmetric' && { Authorization: `Bearer ${proof.accessToken}` }),
      ...(customerToken !== undefined && { 'Authorization-customer': `Bearer ${customerToken}` }),
    },
  }
}

const SHOWN_AS: Readonly<Record<string, string>> = {
  'X-SIGNATURE': '[masked]',
  Authorization: 'Bearer [masked]',
  'Authorization-customer': 'Bearer [masked]',
}

/** What may be kept of the headers. */
export function shownHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const shown = Object.entries(headers).map(([name, value]) => [name, SHOWN_AS[name] ?? value])
  return Object.fromEntries(shown)
}

/** A text that a header cannot carry is left out. */
function echoed(name: string, value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'string' && /^[\x20-\x7e]{1,400}$/.test(value) ? { [name]: value } : {}
}
