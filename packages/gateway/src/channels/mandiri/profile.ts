import type { ChannelProfile } from '../profile.ts'

/** Bank Mandiri direct debit. */
export const MANDIRI: ChannelProfile = {
  name: 'DIRECT_DEBIT_MANDIRI_SNAP',
  aliases: [],
  title: 'Bank Mandiri',
  acquirer: 'MANDIRI',
  accountType: 'DIRECT_DEBIT',
  silence: 'timeout',
  serviceCodes: {},
  customerToken: ['payment-host-to-host', 'otp-verification'],
  headers: {},
  binding: {
    kind: 'card',
    flows: ['H2H', 'DH'],
    requires: [
      'phoneNo',
      'cardData.bankCardType',
      'cardData.expiryDate',
      'additionalInfo.successRegistrationUrl',
      'additionalInfo.failedRegistrationUrl',
    ],
    cardNumber: /^\d{12,19}$/,
    cardType: /^(D|C|UE)$/i,
    otp: { min: 6, max: 6 },
    isOtpAskedFor: true,
    hasPin: false,
    isTokenIdWrapped: true,
  },
  payment: {
    shape: 'debit',
    types: ['SALE', 'RECURRING'],
    flows: ['H2H', 'DH'],
    reference: { min: 1, max: 64 },
    requires: ['additionalInfo.successPaymentUrl', 'additionalInfo.failedPaymentUrl'],
    remarksMax: 255,
  },
  isCancellable: true,
  hasBalance: false,
  inferred: ['card-bind-page', 'payment-page', 'cancel'],
}
