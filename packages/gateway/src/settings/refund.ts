import { count, type Setting } from './setting.ts'

/** Giving back. The network, the database and the patience with both are those of payments. */
export const REFUND_SETTINGS = {
  partnerRefunds: {
    env: 'GERBANG_PARTNER_REFUNDS',
    ...count,
    fallback: '64',
    meaning: 'Refunds of one partner under way at the same time, per process; one more is refused with 429',
  },
} as const satisfies Record<string, Setting>
