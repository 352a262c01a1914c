import type { Setting } from './setting.ts'

/** Payments of banks and wallets that wait for their customer. */
export const DEBIT_SETTINGS = {
  debitConfirmSeconds: {
    env: 'GERBANG_DEBIT_CONFIRM_SECONDS',
    kind: 'integer',
    fallback: '900',
    min: 60,
    max: 86_400,
    meaning: 'How long a customer may confirm a payment from a bank account or wallet with codes, in seconds',
  },
  jumpAppSeconds: {
    env: 'GERBANG_JUMP_APP_SECONDS',
    kind: 'integer',
    fallback: '1800',
    min: 60,
    max: 86_400,
    meaning:
      "How long a customer may pay in a wallet's own app when the request names no validUpTo, in seconds",
  },
  jumpAppLongestSeconds: {
    env: 'GERBANG_JUMP_APP_LONGEST_SECONDS',
    kind: 'integer',
    fallback: '86400',
    min: 60,
    max: 604_800,
    meaning: 'The latest validUpTo that counts, from the request on, in seconds; a later one is cut to it',
  },
  cancellationAlertSeconds: {
    env: 'GERBANG_CANCELLATION_ALERT_SECONDS',
    kind: 'integer',
    fallback: '86400',
    min: 1,
    max: 2_592_000,
    meaning:
      'After so many seconds without a clear word about a cancellation an error is logged and counted; it stays open and is asked about on',
  },
} as const satisfies Record<string, Setting>
