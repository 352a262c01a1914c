import type { ChannelProfile } from '../profile.ts'

/** CIMB Niaga direct debit. */
export const CIMB: ChannelProfile = {
  name: 'DIRECT_DEBIT_CIMB_SNAP',
  aliases: [],
  title: 'CIMB Niaga',
  acquirer: 'CIMB',
  accountType: 'DIRECT_DEBIT',
  silence: 'timeout',
  serviceCodes: {},
  customerToken: ['payment-host-to-host', 'otp-verification', 'refund'],
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
    isUnbindingConfirmed: true,
  },
  payment: {
    shape: 'debit',
    types: ['SALE'],
    flows: ['DH', 'H2H'],
    reference: { min: 1, max: 12 },
    requires: [
      'additionalInfo.successPaymentUrl',
      'additionalInfo.failedPaymentUrl',
      'additionalInfo.remarks',
    ],
    remarksMax: 40,
  },
  refund: {
    isPartial: true,
    reference: { min: 1, max: 12 },
  },
  isCancellable: false,
  hasBalance: false,
  inferred: ['payment-code-asked-for', 'unbinding-code'],
}
