import { randomInt } from 'node:crypto'
import { type Client, isJumpApp, onlyOn, seconds, WITH_CUSTOMER, wallClock } from './client.ts'
import { rewriteJson, writeJson } from './write-json.ts'

/**
 * DOKU's library for Java: Gson writes what is sent, with its escapes for HTML but for a card, and without members that are null. Jackson
 * reads that and writes what is signed. A header for which there is nothing goes out without a value.
 */
export const java: Client = {
  name: 'java',
  origin: {
    product: 'SDK',
    source: 'Java',
    sourceVersion: '1.0.0',
    system: 'doku-java-library',
    apiFormat: 'SNAP',
  },
  sends: (document, call) =>
    writeJson(document, {
      omitsNull: true,
      escaped: call === 'card_registration' ? /[\u2028\u2029]/ : /[<>&='\u2028\u2029]/,
    }),
  signs: (sent) => rewriteJson(sent, { digits: 'capital' }),
  hears: (told) => java.signs(told),
  timestamp: (at) => `${wallClock(at, 0)}Z`,
  externalId: (at) => `${randomInt(1e8, 1e9)}${randomInt(1e6, 1e7)}${seconds(at)}`,
  tokenHeaders: ({ clientId, timestamp, signature }) => [
    ['X-TIMESTAMP', timestamp],
    ['X-SIGNATURE', signature],
    ['X-CLIENT-KEY', clientId],
    ['Content-Type', 'application/json'],
    ['Accept-Encoding', 'gzip'],
    ['User-Agent', 'okhttp/4.9.3'],
  ],
  headers: (call, parts) => [
    ['X-PARTNER-ID', parts.partnerId],
    ['X-TIMESTAMP', parts.timestamp],
    ['X-SIGNATURE', parts.signature],
    ['Authorization', `Bearer ${parts.token}`],
    ...(isJumpApp(parts.channel)
      ? []
      : onlyOn(WITH_CUSTOMER, call, 'Authorization-Customer', parts.customerToken ?? '')),
    ['X-EXTERNAL-ID', parts.externalId],
    ...onlyOn(
      ['account_binding', 'account_unbinding', 'payment', 'payment_jump_app', 'balance_inquiry', 'refund'],
      call,
      'X-IP-ADDRESS',
      parts.ipAddress,
    ),
    ...onlyOn(['account_binding', 'payment_jump_app', 'refund'], call, 'X-DEVICE-ID', parts.deviceId),
    ...onlyOn(['card_registration'], call, 'CHANNEL-ID', 'DH'),
    // An argument that nobody gave.
    ...onlyOn(['payment'], call, 'CHANNEL-ID', ''),
    ['Content-Type', 'application/json'],
    ['Accept-Encoding', 'gzip'],
    ['User-Agent', 'okhttp/4.9.3'],
  ],
  tokenBody: { grantType: 'client_credentials' },
  customerTokenBody: (authCode) => ({ grantType: 'authorization_code', authCode }),
}
