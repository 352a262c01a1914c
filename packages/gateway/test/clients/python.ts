import { randomInt } from 'node:crypto'
import { type Client, isJumpApp, onlyOn, seconds, WITH_CUSTOMER, wallClock } from './client.ts'
import { rewriteJson, writeJson } from './write-json.ts'

const ASCII = /[^\0-\x7e]/

/** DOKU's library for Python: `requests` writes blanks behind comma and colon, what is signed has none. */
export const python: Client = {
  name: 'python',
  origin: {
    product: 'SDK',
    source: 'python',
    sourceVersion: '1.0.0',
    system: 'doku-python-library',
    apiFormat: 'SNAP',
  },
  sends: (document) => writeJson(document, { comma: ', ', colon: ': ', escaped: ASCII }),
  signs: (sent) => rewriteJson(sent, { escaped: ASCII }),
  // It checks no signature of what it is told.
  hears: (told) => told,
  timestamp: (at) => `${wallClock(at, 0)}Z`,
  externalId: (at) => `${randomInt(1e8, 1e9)}${randomInt(1e6, 1e7)}${seconds(at)}`,
  tokenHeaders: ({ clientId, timestamp, signature }) => [
    ['User-Agent', 'python-requests/2.32.3'],
    ['Accept-Encoding', 'gzip, deflate'],
    ['Accept', '*/*'],
    ['X-CLIENT-KEY', clientId],
    ['X-TIMESTAMP', timestamp],
    ['X-SIGNATURE', signature],
    ['content-type', 'application/json'],
  ],
  headers: (call, parts) => [
    ['User-Agent', 'python-requests/2.32.3'],
    ['Accept-Encoding', 'gzip, deflate'],
    ['Accept', '*/*'],
    ['X-PARTNER-ID', parts.partnerId],
    ['X-TIMESTAMP', parts.timestamp],
    ['X-SIGNATURE', parts.signature],
    ['Authorization', `Bearer ${parts.token}`],
    ...(isJumpApp(parts.channel)
      ? []
      : onlyOn(WITH_CUSTOMER, call, 'Authorization-Customer', parts.customerToken ?? '')),
    ['X-EXTERNAL-ID', parts.externalId],
    ...onlyOn(
      [
        'account_binding',
        'account_unbinding',
        'card_unbinding',
        'payment',
        'payment_jump_app',
        'balance_inquiry',
        'refund',
      ],
      call,
      'X-IP-ADDRESS',
      parts.ipAddress,
    ),
    ...onlyOn(['account_binding', 'payment_jump_app', 'refund'], call, 'X-DEVICE-ID', parts.deviceId),
    ['CHANNEL-ID', call === 'refund' || call === 'check_status' ? 'SDK' : 'DH'],
    ['Content-Type', 'application/json'],
  ],
  tokenBody: { grantType: 'client_credentials', additionalInfo: '' },
  customerTokenBody: (authCode) => ({ grantType: 'authorization_code', authCode }),
}
