import { type Client, isJumpApp, onlyOn, WITH_CUSTOMER, wallClock } from './client.ts'
import { type Json, writeJson } from './write-json.ts'

/** DOKU's library for Node.js on a machine whose clock is UTC, where it writes `-00:00`. What it sends is what it signs. */
export const node: Client = {
  name: 'node',
  origin: { product: 'SDK', source: 'NODE JS', sourceVersion: '1.0.0', system: 'doku', apiFormat: 'SNAP' },
  sends: (document) => writeJson(document),
  signs: (sent) => sent,
  hears: (told) => writeJson(JSON.parse(told) as Json),
  timestamp: (at) => `${wallClock(at, 0)}-00:00`,
  externalId: (at) => String(at),
  tokenHeaders: ({ clientId, timestamp, signature }) => [
    ['Accept', 'application/json, text/plain, */*'],
    ['Content-Type', 'application/json'],
    ['X-CLIENT-KEY', clientId],
    ['X-TIMESTAMP', timestamp],
    ['X-SIGNATURE', signature],
    ['User-Agent', 'axios/1.7.7'],
    ['Accept-Encoding', 'gzip, compress, deflate, br'],
  ],
  headers: (call, parts) => [
    ['Accept', 'application/json, text/plain, */*'],
    ['Content-Type', 'application/json'],
    ['X-PARTNER-ID', parts.partnerId],
    ['X-EXTERNAL-ID', parts.externalId],
    ['X-TIMESTAMP', parts.timestamp],
    ['X-SIGNATURE', parts.signature],
    ['Authorization', `Bearer ${parts.token}`],
    ...(isJumpApp(parts.channel)
      ? []
      : onlyOn(WITH_CUSTOMER, call, 'Authorization-customer', parts.customerToken ?? '')),
    ...onlyOn(
      ['account_binding', 'account_unbinding', 'payment', 'payment_jump_app', 'balance_inquiry', 'refund'],
      call,
      'X-IP-ADDRESS',
      parts.ipAddress,
    ),
    // It reads another property than the one that is filled in, so a jump to an app comes without.
    ...onlyOn(['account_binding'], call, 'X-DEVICE-ID', parts.deviceId),
    ...(isJumpApp(parts.channel) ? onlyOn(['refund'], call, 'X-DEVICE-ID', parts.deviceId) : []),
    ...onlyOn(['card_registration'], call, 'CHANNEL-ID', 'DH'),
    ...onlyOn(['payment_jump_app'], call, 'X-CHANNEL-ID', 'DH'),
    ['User-Agent', 'axios/1.7.7'],
    ['Accept-Encoding', 'gzip, compress, deflate, br'],
  ],
  tokenBody: { grantType: 'client_credentials' },
  customerTokenBody: (authCode) => ({ grantType: 'authorization_code', authCode }),
}
