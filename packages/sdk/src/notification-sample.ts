import type { KeyObject } from 'node:crypto'
import { signAsymmetric, signSymmetric } from '@gerbang/snap/signature'
import { asymmetricStringToSign, hashBody, symmetricStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { newExternalId } from './external-id.ts'
import { type NotificationKeys, nowOf } from './notification-keys.ts'
import { type NotificationRequest, targetOf } from './notification-request.ts'
import { issueToken } from './notification-tokens.ts'

export interface Sample {
  /** Where it is sent: the path, or the whole URL. */
  readonly url: string
  /** The body; a paid payment of Rp10.000 when absent. */
  readonly body?: Readonly<Record<string, unknown>>
  /** Names the customer, as the gateway does for a payment with a kept card or account. */
  readonly customerToken?: string
  /** Makes a notification in asymmetric mode: a private key that stands for the gateway's. */
  readonly gatewayPrivateKey?: string | KeyObject
}

export interface SignedSample extends NotificationRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly rawBody: Buffer
  readonly method: 'POST'
}

const PAID = {
  originalPartnerReferenceNo: 'INV-1',
  originalReferenceNo: 'REF-1',
  originalExternalId: '418075533589',
  latestTransactionStatus: '00',
  transactionStatusDesc: 'Success',
  amount: { value: '10000.00', currency: 'IDR' },
  additionalInfo: { channelId: 'KARTU_KREDIT_INDONESIA_SNAP', channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
}

/** A validly signed notification for your tests: send it to your own endpoint, or give it to `verifyNotification()`. */
export function signForTest(
  keys: NotificationKeys,
  { url, body = PAID, customerToken, gatewayPrivateKey }: Sample,
): SignedSample {
  const rawBody = Buffer.from(JSON.stringify(body))
  const timestamp = formatTimestamp(nowOf(keys))
  const parts = { method: 'POST', target: targetOf(url), bodyHash: hashBody(rawBody), timestamp }
  const accessToken = issueToken(keys)
  const signed =
    gatewayPrivateKey === undefined
      ? {
          authorization: `Bearer ${accessToken}`,
          'x-signature': signSymmetric(keys.clientSecret, symmetricStringToSign({ ...parts, accessToken })),
        }
      : { 'x-signature': signAsymmetric(gatewayPrivateKey, asymmetricStringToSign(parts)) }
  return {
    method: 'POST',
    url,
    rawBody,
    headers: {
      'content-type': 'application/json',
      'x-partner-id': keys.clientId,
      'x-external-id': newExternalId(),
      'x-timestamp': timestamp,
      ...signed,
      ...(customerToken !== undefined && { 'authorization-customer': `Bearer ${customerToken}` }),
    },
  }
}
