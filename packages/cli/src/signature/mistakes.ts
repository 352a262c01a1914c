import {
  asciiForm,
  phpForms,
  prettyForms,
  pythonForms,
  reparsedForms,
  sortedForms,
  withoutWhitespace,
  wrappedForms,
} from './bodies.ts'
import { digest, type Recipe, rightRecipe, type SymmetricRequest, signatureOf } from './recipe.ts'
import { neighbours, respelt, shortened, utcForms } from './respellings.ts'

type Change = Partial<Recipe>

/** A known way to sign wrongly. Two of different parts can be made at once. */
export interface Mistake {
  readonly id: string
  readonly part:
    | 'body'
    | 'hash'
    | 'target'
    | 'token'
    | 'timestamp'
    | 'method'
    | 'secret'
    | 'layout'
    | 'digest'
    | 'encoding'
  /** What was done, and what to do. */
  readonly sentence: string
  readonly changes: (request: SymmetricRequest) => readonly Change[]
}

const HOSTS = [
  'https://api-sandbox.doku.com',
  'https://api.doku.com',
  'http://127.0.0.1:4010',
  'http://localhost:4010',
]

const bodies = (forms: (body: Uint8Array) => readonly Uint8Array[]) => (request: SymmetricRequest) =>
  forms(request.body).map((body) => ({ body }))

/** Common ones first: the search stops at the first that fits. */
export const MISTAKES: readonly Mistake[] = [
  {
    id: 'raw-pretty-body',
    part: 'body',
    sentence:
      'The body was hashed with its blanks and line breaks. Hash the minified body: no blanks between tokens.',
    changes: bodies((body) => [body, ...prettyForms(body)]),
  },
  {
    id: 'strip-all-whitespace',
    part: 'body',
    sentence: 'Every blank was removed, also inside values. Remove only the blanks between tokens.',
    changes: bodies((body) => [withoutWhitespace(body)]),
  },
  {
    id: 'php-escaped',
    part: 'body',
    sentence:
      'The body was hashed as PHP writes it (\\/ and \\u00e9). Use JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE, or hash the text that you send.',
    changes: bodies(phpForms),
  },
  {
    id: 'sorted-keys',
    part: 'body',
    sentence: 'The members were sorted before hashing. Keep the order in which they are sent.',
    changes: bodies(sortedForms),
  },
  {
    id: 'python-separators',
    part: 'body',
    sentence: "The body was hashed with Python's default blanks. Use json.dumps(…, separators=(',', ':')).",
    changes: bodies(pythonForms),
  },
  {
    id: 'unicode-escaped',
    part: 'body',
    sentence:
      'Letters beyond ASCII were hashed as \\uXXXX. Hash the text that you send (Python: ensure_ascii=False).',
    changes: bodies((body) => [asciiForm(body)]),
  },
  {
    id: 'empty-body-hash',
    part: 'body',
    sentence: 'The hash is that of an empty body. Hash the body that you send.',
    changes: bodies(() => [Buffer.alloc(0), Buffer.from('{}')]),
  },
  {
    id: 'reparsed-body',
    part: 'body',
    sentence:
      'The body went through a JSON parser, which rewrote numbers or members. Hash the text that you send.',
    changes: bodies(reparsedForms),
  },
  {
    id: 'wrapped-body',
    part: 'body',
    sentence:
      'The hashed body had a byte order mark, a final line break or Windows line breaks. Hash the bytes that you send.',
    changes: bodies(wrappedForms),
  },
  {
    id: 'full-url',
    part: 'target',
    sentence: 'The whole URL was signed. Sign the path and query only.',
    changes: ({ target }) =>
      HOSTS.flatMap((host) => [host, host.replace(/^\w+:\/\//, '')]).map((host) => ({
        target: host + target,
      })),
  },
  {
    id: 'path-without-prefix',
    part: 'target',
    sentence: 'The front of the path is missing or was replaced. Sign the whole path as it is requested.',
    changes: ({ target }) => shortened(target).map((changed) => ({ target: changed })),
  },
  {
    id: 'trailing-slash',
    part: 'target',
    sentence:
      'The path was signed with a slash at its end (or without the one it has). Sign it exactly as requested.',
    changes: ({ target }) => [{ target: target.endsWith('/') ? target.slice(0, -1) : `${target}/` }],
  },
  {
    id: 'query-left-out',
    part: 'target',
    sentence: 'The query was not signed. It belongs to the path.',
    changes: ({ target }) => (target.includes('?') ? [{ target: target.slice(0, target.indexOf('?')) }] : []),
  },
  {
    id: 'bearer-in-string',
    part: 'token',
    sentence: 'The word Bearer was signed with the token. Sign the token alone.',
    changes: ({ accessToken }) => [
      { accessToken: `Bearer ${accessToken}` },
      { accessToken: `bearer ${accessToken}` },
    ],
  },
  {
    id: 'no-token',
    part: 'token',
    sentence:
      'The access token is missing from the string: that is the asymmetric layout. Put it between path and hash.',
    changes: () => [{ accessToken: undefined }, { accessToken: '' }],
  },
  {
    id: 'timestamp-utc',
    part: 'timestamp',
    sentence:
      'The string holds the same moment in UTC (…Z). Sign the X-TIMESTAMP header exactly as it is sent.',
    changes: ({ timestamp }) => utcForms(timestamp).map((text) => ({ timestamp: text })),
  },
  {
    id: 'timestamp-millis',
    part: 'timestamp',
    sentence:
      'Header and string differ in milliseconds or in the form of the offset. Format once, use it twice.',
    changes: ({ timestamp }) => respelt(timestamp).map((text) => ({ timestamp: text })),
  },
  {
    id: 'timestamp-seconds',
    part: 'timestamp',
    sentence: 'Header and string are some seconds apart: the clock was read twice. Read it once.',
    changes: ({ timestamp }) => neighbours(timestamp).map((text) => ({ timestamp: text })),
  },
  {
    id: 'method-lowercase',
    part: 'method',
    sentence: 'The method was signed in lower case. Sign it in upper case.',
    changes: ({ method }) => [{ method: method.toLowerCase() }],
  },
  {
    id: 'upper-hex-hash',
    part: 'hash',
    sentence: "The body's hash was written in upper-case hex. Write it in lower case.",
    changes: () => [{ hash: (body) => digest(body).toString('hex').toUpperCase() }],
  },
  {
    id: 'base64-body-hash',
    part: 'hash',
    sentence: "The body's hash was written in base64. Write it in lower-case hex.",
    changes: () => [{ hash: (body) => digest(body).toString('base64') }],
  },
  {
    id: 'body-not-hashed',
    part: 'hash',
    sentence: 'The body itself stands in the string. Put its SHA-256 there, in lower-case hex.',
    changes: () => [{ hash: (body) => Buffer.from(body).toString('utf8') }],
  },
  {
    id: 'hmac-sha256',
    part: 'digest',
    sentence: 'HMAC-SHA256 was used. SNAP wants HMAC-SHA512.',
    changes: () => [{ algorithm: 'sha256' }],
  },
  {
    id: 'hex-signature',
    part: 'encoding',
    sentence: 'The right bytes were sent in hex. Send them in base64.',
    changes: () => [
      { encode: (mac) => mac.toString('hex') },
      { encode: (mac) => mac.toString('hex').toUpperCase() },
    ],
  },
  {
    id: 'base64-of-hex',
    part: 'encoding',
    sentence: 'The hex text was encoded in base64. Encode the raw bytes.',
    changes: () => [{ encode: (mac) => Buffer.from(mac.toString('hex')).toString('base64') }],
  },
  {
    id: 'base64-alphabet',
    part: 'encoding',
    sentence: 'The base64 is the URL alphabet or lacks its padding. Use the standard alphabet with "=".',
    changes: () => [
      { encode: (mac) => mac.toString('base64url') },
      { encode: (mac) => mac.toString('base64').replace(/=+$/, '') },
    ],
  },
  {
    id: 'pipe-separator',
    part: 'layout',
    sentence: 'The parts were joined with "|". That is for token requests; here it is ":".',
    changes: () => [{ separator: '|' }],
  },
  {
    id: 'secret-trailing-newline',
    part: 'secret',
    sentence: 'The secret has a line break, blank or quote around it, as when read from a file. Trim it.',
    changes: ({ secret }) => [
      ...['\n', '\r\n', ' '].map((tail) => ({ secret: secret + tail })),
      { secret: secret.trim() },
      { secret: `"${secret}"` },
      { secret: `'${secret}'` },
    ],
  },
]

/**
 * The mistakes that lead to this signature: none when nothing known does, one, or two made together.
 * `forms` already known to be right are not mistakes; the caller checks those first.
 */
export function explainSignature(request: SymmetricRequest, signature: string): readonly Mistake[] {
  const right = rightRecipe(request)
  const variants = MISTAKES.flatMap((mistake) =>
    mistake.changes(request).map((change) => ({ mistake, change })),
  )
  for (const { mistake, change } of variants) {
    if (signatureOf({ ...right, ...change }) === signature) return [mistake]
  }
  for (const [index, first] of variants.entries()) {
    for (const second of variants.slice(index + 1)) {
      if (first.mistake.part === second.mistake.part) continue
      if (signatureOf({ ...right, ...first.change, ...second.change }) === signature) {
        return [first.mistake, second.mistake]
      }
    }
  }
  return []
}
