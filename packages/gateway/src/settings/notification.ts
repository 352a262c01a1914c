import { count, milliseconds, type Setting } from './setting.ts'

/** What partners are told, how often it is tried and whom the gateway may speak to. */
export const NOTIFICATION_SETTINGS = {
  notifyRetries: {
    env: 'GERBANG_NOTIFY_RETRIES',
    kind: 'list',
    fallback: '1800,21600,43200',
    pattern: /^\d{1,7}$/,
    form: 'seconds, comma-separated',
    meaning:
      'When a notification that failed is sent again, in seconds after its first attempt; then it is given up',
  },
  notifyAllow: {
    env: 'GERBANG_NOTIFY_ALLOW',
    kind: 'list',
    fallback: '',
    pattern: /^[A-Za-z0-9.:_-]{1,253}(\/\d{1,3})?$/,
    form: 'networks and host names, comma-separated',
    meaning:
      'Private networks (`10.1.0.0/16`) and hosts by name that may be notified nevertheless; a host named here may also use `http` and any port. Only URLs that an operator stored: a host that a payment names has to be public',
  },
  notifyConnectTimeoutMs: {
    env: 'GERBANG_NOTIFY_CONNECT_TIMEOUT_MS',
    ...milliseconds,
    fallback: '10000',
    meaning: 'How long a partner may take to accept a connection',
  },
  notifyTimeoutMs: {
    env: 'GERBANG_NOTIFY_TIMEOUT_MS',
    ...milliseconds,
    fallback: '30000',
    meaning: 'How long a partner may take to answer one request',
  },
  notifyAtOnce: {
    env: 'GERBANG_NOTIFY_AT_ONCE',
    ...count,
    fallback: '256',
    meaning: 'Notifications under way at the same time, per process',
  },
  notifyEndpointAtOnce: {
    env: 'GERBANG_NOTIFY_ENDPOINT_AT_ONCE',
    ...count,
    fallback: '16',
    meaning: 'The same for one endpoint',
  },
  notifyPauseAfter: {
    env: 'GERBANG_NOTIFY_PAUSE_AFTER',
    ...count,
    fallback: '5',
    meaning: 'Failures in a row after which an endpoint that does not answer is left in peace for a while',
  },
  notifyLongestPauseMs: {
    env: 'GERBANG_NOTIFY_LONGEST_PAUSE_MS',
    ...milliseconds,
    fallback: '60000',
    meaning: 'Longest pause until one notification tries whether the endpoint is back',
  },
  notifyEveryMs: {
    env: 'GERBANG_NOTIFY_EVERY_MS',
    ...milliseconds,
    fallback: '150',
    meaning: 'Pause between two looks for events and for notifications that are due',
  },
  notifyResendsPerSecond: {
    env: 'GERBANG_NOTIFY_RESENDS_PER_SECOND',
    ...count,
    fallback: '20',
    meaning: 'Resends that one endpoint gets in a second when many are asked for',
  },
  notifyExpirySeconds: {
    env: 'GERBANG_NOTIFY_EXPIRY_SECONDS',
    kind: 'integer',
    fallback: '259200',
    min: 60,
    max: 31_536_000,
    meaning: 'A notification to an endpoint that stays down is given up at this age, in seconds',
  },
  notifyDays: {
    env: 'GERBANG_NOTIFY_DAYS',
    kind: 'integer',
    fallback: '30',
    min: 2,
    max: 3660,
    meaning: 'Days for which notifications and their attempts are kept',
  },
  outboxDays: {
    env: 'GERBANG_OUTBOX_DAYS',
    kind: 'integer',
    fallback: '7',
    min: 2,
    max: 3660,
    meaning: 'Days for which events are kept; those that are not read yet are kept longer',
  },
} as const satisfies Record<string, Setting>
