/** One row per setting: name, kind, default, meaning. The reference page is printed from this table. */
export interface Setting {
  readonly env: string
  readonly kind: 'text' | 'secret' | 'database' | 'integer' | 'url' | 'choice' | 'file' | 'keys' | 'key'
  readonly fallback?: string
  readonly isOptional?: true
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  readonly meaning: string
}

const milliseconds = { kind: 'integer', min: 1, max: 3_600_000 } as const
const count = { kind: 'integer', min: 1, max: 100_000 } as const

export const SETTINGS = {
  databaseUrl: {
    env: 'DATABASE_URL',
    kind: 'database',
    meaning: 'PostgreSQL 15 to 18: `postgres://user:password@host:port/database`',
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
  networkUrl: {
    env: 'GERBANG_NETWORK_URL',
    kind: 'url',
    fallback: 'http://127.0.0.1:4020',
    meaning: 'The KKI network, or its simulator',
  },
  networkKey: {
    env: 'GERBANG_NETWORK_KEY',
    kind: 'secret',
    isOptional: true,
    meaning: 'Bearer key that the network wants',
  },
  networkConnections: {
    env: 'GERBANG_NETWORK_CONNECTIONS',
    ...count,
    fallback: '512',
    meaning: 'Connections to the network per process',
  },
  partnerPayments: {
    env: 'GERBANG_PARTNER_PAYMENTS',
    ...count,
    fallback: '256',
    meaning: 'Payments of one partner under way at the same time, per process; one more is refused with 429',
  },
  networkTimeoutMs: {
    env: 'GERBANG_NETWORK_TIMEOUT_MS',
    ...milliseconds,
    fallback: '25000',
    meaning: 'How long a request waits for the network before it answers 202',
  },
  networkExpiryMs: {
    env: 'GERBANG_NETWORK_EXPIRY_MS',
    ...milliseconds,
    fallback: '30000',
    meaning:
      'How long the network may still book a charge; a charge it does not know after this time is reversed',
  },
  confirmSeconds: {
    env: 'GERBANG_CONFIRM_SECONDS',
    kind: 'integer',
    fallback: '300',
    min: 1,
    max: 86_400,
    meaning: "How long the cardholder may confirm a payment in the issuer's app, in seconds",
  },
  expiryMarginMs: {
    env: 'GERBANG_EXPIRY_MARGIN_MS',
    ...milliseconds,
    fallback: '2000',
    meaning: 'Added to the expiry for clocks that differ',
  },
  claimTimeoutMs: {
    env: 'GERBANG_CLAIM_TIMEOUT_MS',
    ...milliseconds,
    fallback: '5000',
    meaning: 'How long a request waits for its claim to be committed',
  },
  settleTimeoutMs: {
    env: 'GERBANG_SETTLE_TIMEOUT_MS',
    ...milliseconds,
    fallback: '5000',
    meaning: 'How long a request waits for its settlement to be committed before it answers 202',
  },
  queryTimeoutMs: {
    env: 'GERBANG_QUERY_TIMEOUT_MS',
    ...milliseconds,
    fallback: '5000',
    meaning: 'Limit of every other query',
  },
  poolConnections: {
    env: 'GERBANG_POOL_CONNECTIONS',
    ...count,
    fallback: '4',
    meaning: 'Database connections per process for everything but claim and settle',
  },
  laneCount: {
    env: 'GERBANG_LANES',
    kind: 'integer',
    fallback: '1',
    min: 1,
    max: 32,
    meaning: 'Database connections per process on which claims and settlements are committed together',
  },
  laneBatch: {
    env: 'GERBANG_LANE_BATCH',
    kind: 'integer',
    fallback: '64',
    min: 1,
    max: 1000,
    meaning: 'Most claims and settlements in one commit',
  },
  laneQueue: {
    env: 'GERBANG_LANE_QUEUE',
    ...count,
    fallback: '2000',
    meaning: 'Most that wait; one more is refused with 429',
  },
  firstInquiryMs: {
    env: 'GERBANG_FIRST_INQUIRY_MS',
    ...milliseconds,
    fallback: '1000',
    meaning: 'First inquiry after a payment was left open',
  },
  longestPauseMs: {
    env: 'GERBANG_LONGEST_PAUSE_MS',
    ...milliseconds,
    fallback: '60000',
    meaning: 'Longest pause between two inquiries about a payment',
  },
  inquiryTimeoutMs: {
    env: 'GERBANG_INQUIRY_TIMEOUT_MS',
    ...milliseconds,
    fallback: '10000',
    meaning: 'Limit of one inquiry',
  },
  reconcileEveryMs: {
    env: 'GERBANG_RECONCILE_EVERY_MS',
    ...milliseconds,
    fallback: '500',
    meaning: 'Pause between two passes of the reconciler',
  },
  reconcileBatch: {
    env: 'GERBANG_RECONCILE_BATCH',
    kind: 'integer',
    fallback: '64',
    min: 1,
    max: 1000,
    meaning: 'Payments about which the network is asked at the same time, per process',
  },
  partitionDays: {
    env: 'GERBANG_PARTITION_DAYS',
    kind: 'integer',
    fallback: '2',
    min: 1,
    max: 31,
    meaning: 'Days ahead for which partitions are made',
  },
  requestIdDays: {
    env: 'GERBANG_REQUEST_ID_DAYS',
    kind: 'integer',
    fallback: '3',
    min: 2,
    max: 366,
    meaning: 'Days for which external ids and stored replies are kept',
  },
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
