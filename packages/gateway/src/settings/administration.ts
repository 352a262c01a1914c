import type { Setting } from './setting.ts'

/** Partners: who administers them, and what each may ask for. */
export const ADMINISTRATION_SETTINGS = {
  adminKeys: {
    env: 'GERBANG_ADMIN_KEYS',
    kind: 'admin-keys',
    fallback: '',
    form: '`name:key`, comma-separated',
    meaning:
      'Bearer keys of the admin API, each at least 32 random characters; the name stands in the audit log. Without a key the admin port does not open',
  },
  adminHost: {
    env: 'GERBANG_ADMIN_HOST',
    kind: 'text',
    fallback: '127.0.0.1',
    meaning: 'Address of the admin API. It speaks HTTP: elsewhere than on this machine put TLS before it',
  },
  adminHosts: {
    env: 'GERBANG_ADMIN_HOSTS',
    kind: 'list',
    fallback: '',
    pattern: /^[A-Za-z0-9_.-]{1,253}$/,
    form: 'host names, comma-separated',
    meaning:
      'Names by which the admin API is asked, besides addresses, `localhost` and `GERBANG_ADMIN_HOST`; a request whose Host is another is refused',
  },
  adminPort: {
    env: 'GERBANG_ADMIN_PORT',
    kind: 'integer',
    fallback: '4011',
    min: 0,
    max: 65_535,
    meaning: 'Port of the admin API; 0 takes any',
  },
  partnerRequestsPerSecond: {
    env: 'GERBANG_PARTNER_REQUESTS_PER_SECOND',
    kind: 'integer',
    fallback: '1000',
    min: 0,
    max: 100_000,
    meaning:
      'Signed requests that a partner without a limit of its own may send in a second, all processes of a `serve` together, and twice as many at once; more are refused with 429. 0: no limit',
  },
  partnerTokensPerSecond: {
    env: 'GERBANG_PARTNER_TOKENS_PER_SECOND',
    kind: 'integer',
    fallback: '1000',
    min: 0,
    max: 100_000,
    meaning: 'The same for access tokens: some client libraries fetch one before every request',
  },
} as const satisfies Record<string, Setting>
