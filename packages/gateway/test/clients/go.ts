import { randomInt } from 'node:crypto'
import {
  type Client,
  type HeaderLines,
  isJumpApp,
  onlyOn,
  seconds,
  WITH_CUSTOMER,
  wallClock,
} from './client.ts'
import { writeJson } from './write-json.ts'

/** DOKU's library for Go on a machine whose clock is UTC. What it sends is what it signs; `net/http` spells its headers. */
export const go: Client = {
  name: 'go',
  origin: {
    product: 'SDK',
    source: 'Golang',
    sourceVersion: '1.0.0',
    system: 'doku-golang-library',
    apiFormat: 'SNAP',
  },
  sends: (document) => writeJson(document, { escaped: /[<>&\u2028\u2029]/ }),
  signs: (sent) => sent,
  // It checks no signature of what it is told.
  hears: (told) => told,
  timestamp: (at) => `${wallClock(at, 0)}+00:00`,
  externalId: (at) => `${randomInt(1e9, 1e10)}${seconds(at)}`,
  tokenHeaders: ({ clientId, timestamp, signature }) =>
    canonical([
      ['User-Agent', 'Go-http-client/1.1'],
      ['Content-Type', 'application/json'],
      ['X-CLIENT-KEY', clientId],
      ['X-SIGNATURE', signature],
      ['X-TIMESTAMP', timestamp],
      ['Accept-Encoding', 'gzip'],
    ]),
  headers: (call, parts) =>
    canonical([
      ['User-Agent', 'Go-http-client/1.1'],
      ['Authorization', `Bearer ${parts.token}`],
      ...(isJumpApp(parts.channel)
        ? []
        : onlyOn(WITH_CUSTOMER, call, 'Authorization-customer', `Bearer ${parts.customerToken ?? ''}`)),
      ...onlyOn(['payment', 'payment_jump_app', 'card_registration'], call, 'CHANNEL-ID', 'DH'),
      ['Content-Type', 'application/json'],
      ...onlyOn(['account_binding'], call, 'X-DEVICE-ID', parts.deviceId),
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
      ['X-PARTNER-ID', parts.partnerId],
      ['X-SIGNATURE', parts.signature],
      ['X-TIMESTAMP', parts.timestamp],
      ['Accept-Encoding', 'gzip'],
    ]),
  tokenBody: { grantType: 'client_credentials' },
  customerTokenBody: (authCode) => ({ grantType: 'authorization_code', authCode, refreshToken: '' }),
}

/** `X-PARTNER-ID` goes out as `X-Partner-Id`. */
function canonical(lines: HeaderLines): HeaderLines {
  const spelled = (name: string) =>
    name
      .split('-')
      .map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase())
      .join('-')
  return lines.map(([name, value]) => [spelled(name), value])
}
