import type { ChannelProfile } from '../profile.ts'

/** DANA wallet. */
export const DANA: ChannelProfile = {
  name: 'EMONEY_DANA_SNAP',
  aliases: [],
  title: 'DANA',
  acquirer: 'DANA',
  accountType: 'EMONEY',
  silence: 'timeout',
  serviceCodes: {},
  customerToken: [],
  headers: {
    'payment-host-to-host': ['X-DEVICE-ID', 'X-IP-ADDRESS'],
    refund: ['X-DEVICE-ID', 'X-IP-ADDRESS'],
  },
  payment: {
    shape: 'jump-app',
    types: ['SALE'],
    flows: ['DH'],
    reference: { min: 1, max: 64 },
    requires: ['urlParam'],
    remarksMax: 255,
  },
  refund: {
    isPartial: true,
    reference: { min: 1, max: 64 },
  },
  isCancellable: false,
  hasBalance: false,
  inferred: ['refund-partial'],
}
