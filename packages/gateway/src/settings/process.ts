import { count, milliseconds, type Setting } from './setting.ts'

/** The process, its port, its keys and whom it lets in. */
export const PROCESS_SETTINGS = {
  databaseUrl: {
    env: 'DATABASE_URL',
    kind: 'database',
    meaning: 'PostgreSQL 15 to 18: `postgres://user:password@host:port/database`',
  },
  mode: {
    env: 'GERBANG_MODE',
    kind: 'choice',
    fallback: 'live',
    choices: ['live', 'demo'],
    meaning:
      '`demo` may set its clock and tell partners on this machine; `npm start` is one. Never take real money in it',
  },
  clockFile: {
    env: 'GERBANG_CLOCK_FILE',
    kind: 'text',
    isOptional: true,
    meaning: 'The file by which `gerbang clock` sets the clock; in demo mode only',
  },
  publicUrl: {
    env: 'GERBANG_PUBLIC_URL',
    kind: 'url',
    isOptional: true,
    meaning: 'Where cardholders reach the hosted pages; absent: `http://HOST:PORT` of this process',
  },
  host: { env: 'GERBANG_HOST', kind: 'text', fallback: '127.0.0.1', meaning: 'Address to listen on' },
  port: {
    env: 'GERBANG_PORT',
    kind: 'integer',
    fallback: '4010',
    min: 0,
    max: 65_535,
    meaning: 'Port to listen on; 0 takes any',
  },
  workers: {
    env: 'GERBANG_WORKERS',
    kind: 'integer',
    fallback: '0',
    min: 0,
    max: 64,
    meaning: 'Processes that share the port; 0 means one per core, four at most',
  },
  logLevel: {
    env: 'GERBANG_LOG_LEVEL',
    kind: 'choice',
    fallback: 'info',
    choices: ['silent', 'error', 'warn', 'info', 'debug'],
    meaning: 'How much is logged; one line per request at `info`',
  },
  pathPrefix: {
    env: 'GERBANG_PATH_PREFIX',
    kind: 'text',
    fallback: '',
    meaning: 'Path that a reverse proxy strips; it is put back before a signature is checked',
  },
  tokenIssuer: {
    env: 'GERBANG_TOKEN_ISSUER',
    kind: 'text',
    fallback: 'DOKU',
    meaning: '`iss` of access tokens',
  },
  tokenSeconds: {
    env: 'GERBANG_TOKEN_SECONDS',
    kind: 'integer',
    fallback: '900',
    min: 10,
    max: 86_400,
    meaning: 'Life of a B2B access token, in seconds',
  },
  tokenLeewaySeconds: {
    env: 'GERBANG_TOKEN_LEEWAY_SECONDS',
    kind: 'integer',
    fallback: '30',
    min: 0,
    max: 300,
    meaning: 'How long an expired token is still taken, in seconds',
  },
  signingKeyFile: {
    env: 'GERBANG_SIGNING_KEY_FILE',
    kind: 'file',
    meaning: 'PEM file of the RSA private key that signs access tokens',
  },
  cardKeys: {
    env: 'GERBANG_CARD_KEYS',
    kind: 'keys',
    meaning:
      'Keys that seal card numbers and partner secrets: `id:base64 of 32 bytes`, comma-separated, the current one first',
  },
  lookupKey: {
    env: 'GERBANG_LOOKUP_KEY',
    kind: 'key',
    meaning: 'Key of the HMAC that looks up card numbers, base64 of 32 bytes',
  },
  signatureForms: {
    env: 'GERBANG_SIGNATURE_FORMS',
    kind: 'choice',
    fallback: 'all',
    choices: ['all', 'strict'],
    meaning:
      '`all` accepts each way in which known clients write a body before hashing it; `strict` only the minified body',
  },
  tokenToleranceSeconds: {
    env: 'GERBANG_TOKEN_TOLERANCE_SECONDS',
    kind: 'integer',
    fallback: '300',
    min: 0,
    max: 86_400,
    meaning: 'How far X-TIMESTAMP of a token request may be off, in seconds; 0 turns the check off',
  },
  transactionToleranceSeconds: {
    env: 'GERBANG_TRANSACTION_TOLERANCE_SECONDS',
    kind: 'integer',
    fallback: '900',
    min: 0,
    max: 86_400,
    meaning: 'The same for transactions',
  },
  bodyLimitBytes: {
    env: 'GERBANG_BODY_LIMIT_BYTES',
    kind: 'integer',
    fallback: '65536',
    min: 1024,
    max: 1_048_576,
    meaning: 'Longest body that is read',
  },
  requestTimeoutMs: {
    env: 'GERBANG_REQUEST_TIMEOUT_MS',
    ...milliseconds,
    fallback: '10000',
    meaning: 'How long a request may take to arrive, head and body; checked every two seconds',
  },
  maxConnections: {
    env: 'GERBANG_MAX_CONNECTIONS',
    ...count,
    fallback: '10000',
    meaning: 'Open connections per process; one more is closed at once',
  },
  partnerKeepMs: {
    env: 'GERBANG_PARTNER_KEEP_MS',
    ...milliseconds,
    fallback: '5000',
    meaning: 'How long a partner is kept in memory: a suspension works after this time',
  },
} as const satisfies Record<string, Setting>
