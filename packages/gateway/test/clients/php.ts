import { type Client, isJumpApp, onlyOn, seconds, WITH_CUSTOMER, wallClock } from './client.ts'
import { type Json, rewriteJson, writeJson } from './write-json.ts'

const BEHIND_MS = 7_000
const WIB = 7 * 60

/**
 * DOKU's library for PHP. It makes its bodies of arrays, sends what `json_encode` writes of them, and signs the document with slashes and
 * letters as they are; U+2028 and U+2029 stay escaped there, as PHP does unless it is told otherwise.
 */
export const php: Client = {
  name: 'php',
  origin: {
    product: 'SDK',
    source: 'PHP',
    sourceVersion: '1.0.0',
    system: 'doku-php-library',
    apiFormat: 'SNAP',
  },
  sends: (document) => writeJson(asArray(document), { slash: '\\/', escaped: /[^\0-\x7f]/ }),
  signs: (sent) => rewriteJson(sent, { escaped: /[\u2028\u2029]/ }),
  hears: (told) => php.signs(told),
  timestamp: (at, call) => `${wallClock(call === 'token_b2b2c' ? at - BEHIND_MS : at, WIB)}+07:00`,
  externalId: seconds,
  tokenHeaders: ({ clientId, timestamp, signature }) => [
    ['Accept', '*/*'],
    ['X-CLIENT-KEY', clientId],
    ['X-TIMESTAMP', timestamp],
    ['X-SIGNATURE', signature],
    ['Content-Type', 'application/json'],
    ['Accept-Encoding', 'gzip'],
  ],
  headers: (call, parts) => [
    ['Accept', '*/*'],
    ['X-PARTNER-ID', parts.partnerId],
    ['X-EXTERNAL-ID', parts.externalId],
    ['X-TIMESTAMP', parts.timestamp],
    ['X-SIGNATURE', parts.signature],
    ['Authorization', `Bearer ${parts.token}`],
    ...(isJumpApp(parts.channel)
      ? []
      : onlyOn(WITH_CUSTOMER, call, 'Authorization-Customer', parts.customerToken ?? '')),
    ...onlyOn(
      ['account_binding', 'account_unbinding', 'payment', 'payment_jump_app', 'balance_inquiry', 'refund'],
      call,
      'X-IP-ADDRESS',
      parts.ipAddress,
    ),
    ...onlyOn(['account_binding', 'payment_jump_app', 'refund'], call, 'X-DEVICE-ID', parts.deviceId),
    ['X-CHANNEL-ID', 'DH'],
    ...onlyOn(['card_registration'], call, 'CHANNEL-ID', 'DH'),
    // The name of the payment channel, where the flow belongs.
    ...onlyOn(['balance_inquiry'], call, 'CHANNEL-ID', parts.channel),
    ['Content-Type', 'application/json'],
    ['Accept-Encoding', 'gzip'],
  ],
  tokenBody: { grantType: 'client_credentials', additionalInfo: [] },
  customerTokenBody: (authCode) => ({ grantType: 'authorization_code', authCode, additionalInfo: null }),
}

/** A document in PHP's arrays: one without members, or with those of a list, cannot be told from a list. */
function asArray(document: Json): Json {
  if (typeof document !== 'object' || document === null) return document
  const members = Object.entries(document).flatMap(([name, member]): [string, Json][] =>
    member === undefined ? [] : [[name, asArray(member)]],
  )
  const isList = members.every(([name], at) => name === String(at))
  return isList ? members.map(([, member]) => member) : Object.fromEntries(members)
}
