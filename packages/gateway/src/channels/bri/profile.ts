import type { ChannelProfile } from '../profile.ts'

/** BRI direct debit. */
export const BRI: ChannelProfile = {
  name: 'DIRECT_DEBIT_BRI_SNAP',
  aliases: [],
  title: 'BRI',
  acquirer: 'BRI',
  accountType: 'DIRECT_DEBIT',
  silence: 'timeout',
  serviceCodes: {},
  customerToken: ['payment-host-to-host', 'otp-verification', 'refund'],
  headers: {},
  binding: {
    kind: 'card',
    flows: ['DH', 'H2H'],
    requires: [
      'phoneNo',
      'cardData.bankCardType',
      'cardData.expiryDate',
      'additionalInfo.successRegistrationUrl',
      'additionalInfo.failedRegistrationUrl',
    ],
    cardNumber: /^\d{4}$/,
    cardType: /^(D|C|UE)$/i,
    otp: { min: 6, max: 6 },
    isOtpAskedFor: false,
    hasPin: false,
    isTokenIdWrapped: true,
  },
  payment: {
    shape: 'debit',
    types: ['SALE', 'RECURRING'],
    flows: ['DH', 'H2H'],
    reference: { min: 1, max: 64 },
    requires: ['additionalInfo.successPaymentUrl', 'additionalInfo.failedPaymentUrl'],
    remarksMax: 255,
  },
  refund: {
    isPartial: true,
    reference: { min: 1, max: 12 },
  },
  isCancellable: false,
  hasBalance: false,
  inferred: ['binding-code-asked-for', 'payment-code-asked-for', 'refund-partial'],
}
