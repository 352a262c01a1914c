import type { Setting } from './setting.ts'

/** How long a customer's tokens live, if the card is kept that long. */
export const CUSTOMER_TOKEN_SETTINGS = {
  customerTokenSeconds: {
    env: 'GERBANG_CUSTOMER_TOKEN_SECONDS',
    kind: 'integer',
    fallback: '1296000',
    min: 10,
    max: 31_536_000,
    meaning: 'Life of a B2B2C access token, in seconds; it ends with the binding whatever is set here',
  },
  refreshTokenSeconds: {
    env: 'GERBANG_REFRESH_TOKEN_SECONDS',
    kind: 'integer',
    fallback: '2592000',
    min: 10,
    max: 31_536_000,
    meaning: 'The same for the refresh token',
  },
} as const satisfies Record<string, Setting>
