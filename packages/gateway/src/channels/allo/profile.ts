import type { ChannelProfile } from '../profile.ts'

/** Allo Bank direct debit. */
export const ALLO: ChannelProfile = {
  name: 'DIRECT_DEBIT_ALLO_SNAP',
  aliases: [],
  title: 'Allo Bank',
  acquirer: 'ALLO',
  accountType: 'DIRECT_DEBIT',
  silence: 'timeout',
  serviceCodes: { 'registration-account-unbinding': '09' },
  customerToken: ['payment-host-to-host', 'balance-inquiry', 'refund'],
  headers: {
    'registration-account-binding': ['X-DEVICE-ID', 'X-IP-ADDRESS'],
    'registration-account-unbinding': ['X-IP-ADDRESS'],
    'payment-host-to-host': ['X-IP-ADDRESS'],
    'balance-inquiry': ['X-IP-ADDRESS'],
    refund: ['X-IP-ADDRESS'],
  },
  binding: {
    kind: 'account',
    flows: ['DH'],
    requires: [
      'additionalInfo.successRegistrationUrl',
      'additionalInfo.failedRegistrationUrl',
      'additionalInfo.custIdMerchant',
      'additionalInfo.deviceModel',
      'additionalInfo.osType',
      'additionalInfo.channelId',
    ],
    otp: { min: 6, max: 6 },
    isOtpAskedFor: false,
    hasPin: true,
  },
  payment: {
    shape: 'debit',
    types: ['SALE'],
    methods: ['BALANCE', 'POINT', 'PAYLATER'],
    flows: ['DH'],
    reference: { min: 32, max: 64 },
    requires: [
      'additionalInfo.successPaymentUrl',
      'additionalInfo.failedPaymentUrl',
      'additionalInfo.lineItems',
      'additionalInfo.remarks',
    ],
    remarksMax: 40,
  },
  refund: {
    isPartial: true,
    reference: { min: 32, max: 64 },
  },
  isCancellable: false,
  hasBalance: true,
  inferred: ['refund-partial'],
}
