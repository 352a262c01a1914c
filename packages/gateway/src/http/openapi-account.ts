import type { OutcomeName } from '@gerbang/snap'

/** What the reference says of keeping an account, by operation. */
export const ACCOUNT_TITLES = {
  'registration-account-binding': 'Keep an account at a bank or wallet for a customer',
  'registration-account-unbinding': 'Forget a kept account',
} as const

const CHANNEL = 'DIRECT_DEBIT_CIMB_SNAP'

export const ACCOUNT_EXAMPLES = {
  'registration-account-binding': {
    request: {
      phoneNo: '6281112345634',
      additionalInfo: {
        channel: CHANNEL,
        custIdMerchant: 'CUST001',
        successRegistrationUrl: 'https://shop.example/linked',
        failedRegistrationUrl: 'https://shop.example/not-linked',
      },
    },
    reply: {
      referenceNo: '20261121111736935639831085797221',
      redirectUrl:
        'https://pay.example/direct-debit/ui/binding/core/BRN-0001-1700000000000/q8JYx0n3Zt7cV5mLw2RkPfq8JYx0n3Zt7cV5mLw2RkP',
      additionalInfo: {
        custIdMerchant: 'CUST001',
        status: 'PENDING',
        accountStatus: 'PENDING',
        authCode: '2238261121111736935480275519634207718452',
      },
    },
  },
  'registration-account-unbinding': {
    request: { tokenId: 'eyJhbGciOiJSUzI1NiJ9.…', additionalInfo: { channel: CHANNEL } },
    reply: { referenceNo: '20261121111736935639831085797221' },
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
export const ACCOUNT_REFUSALS: Readonly<Record<keyof typeof ACCOUNT_TITLES, readonly OutcomeName[]>> = {
  'registration-account-binding': [
    ...OF_EVERY_REQUEST,
    'transactionNotPermitted',
    'inactiveCard',
    'transactionCancelled',
    'invalidCard',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'duplicatePartnerReferenceNo',
    'externalServerError',
    'timeout',
  ],
  'registration-account-unbinding': [
    ...OF_EVERY_REQUEST,
    'requestInProgress',
    'invalidCustomerToken',
    'transactionNotPermitted',
    'invalidCard',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'externalServerError',
    'timeout',
  ],
}
