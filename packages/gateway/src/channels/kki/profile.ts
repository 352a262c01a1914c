import type { ChannelProfile } from '../profile.ts'

/** Kartu Kredit Indonesia (CPTS). */
export const KKI: ChannelProfile = {
  name: 'KARTU_KREDIT_INDONESIA_SNAP',
  aliases: ['KARTU_KREDIT_INDONESIA', 'DIRECT_DEBIT_KKI_SNAP', 'KKI_SNAP', 'CREDIT_CARD_KKI_SNAP'],
  title: 'Kartu Kredit Indonesia',
  acquirer: 'KKI',
  accountType: 'DIRECT_DEBIT',
  silence: 'requestInProgress',
  serviceCodes: {},
  customerToken: [],
  headers: { refund: ['X-IP-ADDRESS'] },
  strictHeaders: { refund: ['X-IP-ADDRESS'] },
  binding: {
    kind: 'card',
    flows: ['DH', 'H2H'],
    requires: [],
    hasIssuers: true,
    cardNumber: /^9360\d{12,16}$/,
    otp: { min: 4, max: 8 },
    isOtpAskedFor: false,
    hasPin: false,
  },
  payment: {
    shape: 'kki',
    types: ['SALE', 'RECURRING'],
    flows: ['H2H'],
    reference: { min: 1, max: 64 },
    requires: [],
    remarksMax: 255,
  },
  refund: {
    isPartial: true,
    reference: { min: 1, max: 64 },
  },
  isCancellable: false,
  hasBalance: false,
  inferred: ['binding-code-asked-for', 'customer-token'],
}
