import type { OutcomeName } from '@gerbang/snap'

/** What the reference says of payments from banks and wallets, by operation. */
export const DEBIT_TITLES = {
  cancel: 'Call a payment off',
  'balance-inquiry': 'Ask what a customer’s account holds',
} as const

const IDR = (value: string) => ({ value, currency: 'IDR' })

export const DEBIT_EXAMPLES = {
  cancel: {
    request: {
      originalPartnerReferenceNo: 'INV-0001',
      amount: IDR('10000.00'),
      reason: 'Sold out',
      additionalInfo: { channel: 'DIRECT_DEBIT_MANDIRI_SNAP' },
    },
    reply: {
      originalPartnerReferenceNo: 'INV-0001',
      originalReferenceNo: '20261121111736935639831085797221',
      cancelTime: '2026-11-21T15:30:00+07:00',
    },
  },
  'balance-inquiry': {
    request: { additionalInfo: { channel: 'EMONEY_OVO_SNAP' } },
    reply: {
      accountInfos: [
        {
          balanceType: 'CASH',
          amount: IDR('250000.00'),
          flatAmount: IDR('250000.00'),
          floatAmount: IDR('250000.00'),
          holdAmount: IDR('0.00'),
        },
      ],
    },
  },
} as const

const OF_EVERY_REQUEST = [
  'badRequest',
  'invalidFieldFormat',
  'invalidMandatoryField',
  'unauthorized',
  'invalidTokenB2b',
  'tokenNotFoundB2b',
] as const

/** What each can answer besides success, in the order in which it is checked. */
export const DEBIT_REFUSALS: Readonly<Record<keyof typeof DEBIT_TITLES, readonly OutcomeName[]>> = {
  cancel: [
    'requestInProgress',
    ...OF_EVERY_REQUEST,
    'invalidCustomerToken',
    'customerTokenNotFound',
    'invalidTransactionStatus',
    'transactionNotFound',
    'invalidAmount',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'timeout',
  ],
  'balance-inquiry': [
    ...OF_EVERY_REQUEST,
    'invalidCustomerToken',
    'customerTokenNotFound',
    'inactiveCard',
    'invalidCard',
    'requestedFunctionIsNotSupported',
    'timeout',
  ],
}
