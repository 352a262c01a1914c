import type { ChannelProfile } from '../profile.ts'

/** OVO wallet. */
export const OVO: ChannelProfile = {
  name: 'EMONEY_OVO_SNAP',
  aliases: [],
  title: 'OVO',
  acquirer: 'OVO',
  accountType: 'EMONEY',
  silence: 'timeout',
  serviceCodes: { 'registration-account-unbinding': '09' },
  customerToken: ['payment-host-to-host', 'balance-inquiry', 'refund'],
  headers: {},
  binding: {
    kind: 'account',
    flows: ['DH'],
    requires: [
      'additionalInfo.successRegistrationUrl',
      'additionalInfo.failedRegistrationUrl',
      'additionalInfo.custIdMerchant',
    ],
    otp: { min: 6, max: 6 },
    isOtpAskedFor: false,
    hasPin: true,
  },
  payment: {
    shape: 'debit',
    types: ['SALE', 'RECURRING'],
    methods: ['CASH', 'POINTS'],
    flows: ['DH'],
    reference: { min: 1, max: 64 },
    requires: ['additionalInfo.successPaymentUrl', 'additionalInfo.failedPaymentUrl', 'payOptionDetails'],
    remarksMax: 255,
  },
  refund: {
    isPartial: true,
    reference: { min: 1, max: 64 },
  },
  isCancellable: false,
  hasBalance: true,
  inferred: ['refund-partial'],
}
