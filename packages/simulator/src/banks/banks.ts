/** A bank or wallet beside the KKI network: what it keeps, and what it asks of its customer. */
export interface Bank {
  /** Its part of the address. */
  readonly slug: string
  readonly name: string
  readonly kind: 'bank' | 'wallet'
  /** By what it knows what is kept: a telephone, the last four digits of a card, or all of them. Nothing: every charge is asked anew. */
  readonly keeps: 'account' | 'last-four' | 'card-number' | 'nothing'
  readonly binding: readonly CodeStep[]
  /** Of a charge that its customer confirms: codes, in its own application, or on a page of its own. */
  readonly sale: readonly CodeStep[] | 'app' | 'page'
  /** Before it lets go of what it keeps, where the caller can ask the customer. */
  readonly unbinding: readonly CodeStep[]
  /** A code is sent when it is asked for, not by itself. */
  readonly isOtpAskedFor: boolean
  readonly isRecurring: boolean
  readonly isRefundable: boolean
  /** Whether a paid charge can be called off on its day. */
  readonly isVoidable: boolean
  /** What it has balances of. A charge that does not say is paid from the first one, which a person's `balance` is. */
  readonly balances: readonly Balance[]
}

export interface Balance {
  readonly name: string
  /** What somebody has there of whom nothing else is said. */
  readonly usual?: string
}

export type CodeStep = 'otp' | 'pin'

const BANK = {
  kind: 'bank',
  unbinding: [],
  isOtpAskedFor: false,
  isRecurring: false,
  isRefundable: true,
  isVoidable: false,
  balances: [],
} as const

/** The list of banks and wallets. A new one is one row here. */
export const BANKS: readonly Bank[] = [
  {
    ...BANK,
    slug: 'cimb',
    name: 'CIMB Niaga',
    keeps: 'account',
    binding: ['otp', 'pin'],
    sale: ['otp', 'pin'],
    unbinding: ['otp'],
  },
  {
    ...BANK,
    slug: 'allo',
    name: 'Allo Bank',
    keeps: 'account',
    binding: ['otp', 'pin'],
    sale: ['otp', 'pin'],
    balances: [
      { name: 'BALANCE' },
      { name: 'POINT', usual: '50000.00' },
      { name: 'PAYLATER', usual: '5000000.00' },
    ],
  },
  {
    ...BANK,
    slug: 'bri',
    name: 'BRI',
    keeps: 'last-four',
    binding: ['otp'],
    sale: ['otp'],
    isRecurring: true,
  },
  {
    ...BANK,
    slug: 'mandiri',
    name: 'Bank Mandiri',
    keeps: 'card-number',
    binding: ['otp'],
    sale: ['otp'],
    isOtpAskedFor: true,
    isRecurring: true,
    isRefundable: false,
    isVoidable: true,
  },
  {
    ...BANK,
    kind: 'wallet',
    slug: 'ovo',
    name: 'OVO',
    keeps: 'account',
    binding: ['otp', 'pin'],
    sale: 'app',
    isRecurring: true,
    balances: [{ name: 'CASH' }, { name: 'POINTS', usual: '50000.00' }],
  },
  {
    ...BANK,
    kind: 'wallet',
    slug: 'dana',
    name: 'DANA',
    keeps: 'nothing',
    binding: [],
    sale: 'page',
  },
  {
    ...BANK,
    kind: 'wallet',
    slug: 'shopeepay',
    name: 'ShopeePay',
    keeps: 'nothing',
    binding: [],
    sale: 'page',
  },
]
