import type { OutcomeName } from '@gerbang/snap'

/** What the reference says of keeping a card, by operation. */
export const BINDING_TITLES = {
  'registration-card-bind': 'Keep a card for a customer',
  otp: 'Send the one-time password of a binding or a payment, or send it again',
  'otp-verification': 'Confirm a binding, a payment or the end of an account with its one-time password',
} as const

const REFERENCE_NO = '20261121111736935639831085797221'
const AUTH_CODE = '2238261121111736935480275519634207718452'
const BANK_CARD_TOKEN = 'de52e5820f4c381db88a1cf91d57b73e'

export const BINDING_EXAMPLES = {
  'registration-card-bind': {
    request: {
      partnerReferenceNo: 'BIND-0001',
      cardData:
        'XD4SbRSy2JScZZRBw7/GCW1wvWzn/loksTPMk7saX1/C0e0XiQTW2ehIlTRfX9h5YhZvsLrTbqpXNpzZ2YobjqyznOnAh0O5wEDO/0RNJGM=|obLD1OX2BxgpOktcbX6PkA==',
      custIdMerchant: 'CUST001',
      phoneNo: '6281112345634',
      additionalInfo: {
        channel: 'KARTU_KREDIT_INDONESIA_SNAP',
        successRegistrationUrl: 'https://shop.example/kept',
        failedRegistrationUrl: 'https://shop.example/not-kept',
      },
    },
    reply: {
      referenceNo: REFERENCE_NO,
      redirectUrl:
        'https://pay.example/direct-debit/ui/binding/core/BRN-0001-1700000000000/q8JYx0n3Zt7cV5mLw2RkPfq8JYx0n3Zt7cV5mLw2RkP',
      additionalInfo: { custIdMerchant: 'CUST001', status: 'PENDING', accountStatus: 'PENDING' },
    },
  },
  otp: {
    request: { originalReferenceNo: REFERENCE_NO },
    reply: {
      originalReferenceNo: REFERENCE_NO,
      chargeToken: REFERENCE_NO,
      additionalInfo: { authCode: AUTH_CODE, otpExpiresAt: '2026-11-21T11:22:36+07:00' },
    },
  },
  'otp-verification': {
    request: {
      otp: '123456',
      action: 'otpLinkage',
      originalReferenceNo: REFERENCE_NO,
      additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    },
    reply: {
      originalReferenceNo: REFERENCE_NO,
      bankCardToken: BANK_CARD_TOKEN,
      additionalInfo: {
        custIdMerchant: 'CUST001',
        status: 'SUCCESS',
        accountStatus: 'SUCCESS',
        bankCardToken: BANK_CARD_TOKEN,
        authCode: AUTH_CODE,
      },
    },
  },
} as const

const OF_EVERY_REQUEST = [
  'requestInProgress',
  'badRequest',
  'invalidFieldFormat',
  'invalidMandatoryField',
  'unauthorized',
  'invalidTokenB2b',
  'tokenNotFoundB2b',
] as const

/** What each can answer besides success, in the order in which it is checked. */
export const BINDING_REFUSALS: Readonly<Record<keyof typeof BINDING_TITLES, readonly OutcomeName[]>> = {
  'registration-card-bind': [
    ...OF_EVERY_REQUEST,
    'doNotHonor',
    'cardBlocked',
    'cardExpired',
    'transactionNotPermitted',
    'inactiveCard',
    'transactionCancelled',
    'noIssuer',
    'invalidCard',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'duplicatePartnerReferenceNo',
    'externalServerError',
    'timeout',
  ],
  otp: [
    ...OF_EVERY_REQUEST,
    'invalidCustomerToken',
    'customerTokenNotFound',
    'activityCountLimitExceeded',
    'otpLifetimeExpired',
    'invalidTransactionStatus',
    'transactionNotFound',
    'journeyNotFound',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'tooManyRequests',
  ],
  'otp-verification': [
    ...OF_EVERY_REQUEST,
    'requestInProgress',
    'invalidCustomerToken',
    'customerTokenNotFound',
    'transactionAlreadySuccess',
    'otpBlocked',
    'otpLifetimeExpired',
    'invalidTransactionStatus',
    'transactionNotFound',
    'transactionCancelled',
    'needToRequestOtp',
    'invalidOtp',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'timeout',
  ],
}
