import { generateKeyPairSync } from 'node:crypto'
import { signAsymmetric } from '@gerbang/snap/signature'
import { tokenStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { CLIENT_ID, CLIENT_SECRET } from './gateway-stand-in.ts'

const gateway = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

export const GATEWAY_PRIVATE_KEY = gateway.privateKey

export const KEYS = {
  clientId: CLIENT_ID,
  clientSecret: CLIENT_SECRET,
  gatewayPublicKey: gateway.publicKey,
} as const

/** The headers with which a gateway asks for a token. */
export function tokenRequest(changes: Record<string, string> = {}, at = Date.now()): Record<string, string> {
  const timestamp = formatTimestamp(at)
  return {
    'content-type': 'application/json',
    'x-client-key': CLIENT_ID,
    'x-timestamp': timestamp,
    'x-signature': signAsymmetric(GATEWAY_PRIVATE_KEY, tokenStringToSign(CLIENT_ID, timestamp)),
    ...changes,
  }
}
