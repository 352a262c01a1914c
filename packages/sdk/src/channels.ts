import type { OtherString } from './answers.ts'

/** Kartu Kredit Indonesia: what a call means that names no channel. A refund then means that of its payment. */
export const KKI = 'KARTU_KREDIT_INDONESIA_SNAP'

/** Channels that keep a customer's account: bound once, then charged with the customer's token. */
export type AccountChannel =
  | 'DIRECT_DEBIT_CIMB_SNAP'
  | 'DIRECT_DEBIT_ALLO_SNAP'
  | 'EMONEY_OVO_SNAP'
  | OtherString

/** Channels that keep a card. */
export type CardChannel = typeof KKI | 'DIRECT_DEBIT_BRI_SNAP' | 'DIRECT_DEBIT_MANDIRI_SNAP' | OtherString

/** Wallets that keep nothing here: the customer confirms each payment in the wallet's own application. */
export type WalletChannel = 'EMONEY_DANA_SNAP' | 'EMONEY_SHOPEE_PAY_SNAP' | OtherString
