import type { OutcomeName } from '@gerbang/snap/response-codes'

/** The class of a refusal. */
export type RefusalKind =
  | 'RefusedError'
  | 'BadRequestError'
  | 'InvalidFieldError'
  | 'AuthError'
  | 'TokenExpiredError'
  | 'TokenNotFoundError'
  | 'CustomerTokenError'
  | 'ExpiredError'
  | 'FeatureNotAllowedError'
  | 'LimitError'
  | 'DeclinedError'
  | 'UnavailableError'
  | 'CardError'
  | 'OtpError'
  | 'InsufficientFundsError'
  | 'MerchantError'
  | 'StateError'
  | 'NotFoundError'
  | 'RoutingError'
  | 'CancelledError'
  | 'ConflictError'
  | 'UnsupportedError'
  | 'RateLimitError'
  | 'GatewayError'
  | 'TimeoutError'

/** A sentence for the one who pays, in the two languages of the hosted page. */
export interface CustomerText {
  readonly id: string
  readonly en: string
}

export interface OutcomeRow {
  readonly kind: RefusalKind
  /** `again`: the same call may succeed if it is repeated, now or later. `no`: something has to change first. */
  readonly repeat: 'again' | 'no'
  /** `{n}` is the number of tries that are left. */
  readonly customer: CustomerText
}

/** What the customer reads when the fault is the shop's: nothing that a stranger could use. */
export const SHOP_AT_FAULT: CustomerText = {
  id: 'Terjadi kendala pada toko. Silakan hubungi toko.',
  en: 'There is a problem at the shop. Please contact them.',
}

function row(kind: RefusalKind, repeat: OutcomeRow['repeat'], id?: string, en?: string): OutcomeRow {
  return { kind, repeat, customer: id === undefined || en === undefined ? SHOP_AT_FAULT : { id, en } }
}

const DECLINED = ['Transaksi ditolak bank penerbit', 'Declined by your bank'] as const
const RELINK = ['Silakan hubungkan ulang rekening Anda', 'Please link your account again'] as const
const ALREADY_PAID = ['Tagihan ini sudah dibayar', 'Already paid'] as const
const SOMETHING_WRONG = ['Terjadi gangguan. Coba lagi', 'Something went wrong. Try again'] as const

/** One row for every outcome. A row without texts is the shop's fault. */
export const OUTCOME_TABLE: Readonly<Record<OutcomeName, OutcomeRow>> = {
  successful: row('RefusedError', 'no', 'Pembayaran berhasil', 'Payment successful'),
  requestInProgress: row(
    'RefusedError',
    'no',
    'Pembayaran sedang diproses. Jangan bayar lagi.',
    'Payment in progress. Do not pay again.',
  ),
  badRequest: row('BadRequestError', 'no'),
  invalidFieldFormat: row('InvalidFieldError', 'no'),
  invalidMandatoryField: row('InvalidFieldError', 'no'),
  transactionAlreadySuccess: row('ConflictError', 'no', ...ALREADY_PAID),
  invalidParameter: row('BadRequestError', 'no'),
  unauthorized: row('AuthError', 'no'),
  invalidTokenB2b: row('TokenExpiredError', 'again'),
  invalidCustomerToken: row('CustomerTokenError', 'no', ...RELINK),
  tokenNotFoundB2b: row('TokenNotFoundError', 'again'),
  customerTokenNotFound: row('CustomerTokenError', 'no', ...RELINK),
  transactionExpired: row('ExpiredError', 'no', 'Waktu pembayaran habis', 'The time to pay has run out'),
  featureNotAllowed: row(
    'FeatureNotAllowedError',
    'no',
    'Metode ini belum tersedia',
    'This method is not available',
  ),
  exceedsTransactionAmountLimit: row(
    'LimitError',
    'no',
    'Melebihi batas transaksi',
    'Over the transaction limit',
  ),
  suspectedFraud: row('DeclinedError', 'no', ...DECLINED),
  activityCountLimitExceeded: row(
    'LimitError',
    'again',
    'Terlalu banyak transaksi hari ini',
    'Too many transactions today',
  ),
  doNotHonor: row('DeclinedError', 'no', ...DECLINED),
  featureNotAllowedAtThisTime: row(
    'UnavailableError',
    'again',
    'Layanan bank sedang tutup sementara',
    'Your bank is closed for now',
  ),
  cardBlocked: row('CardError', 'no', 'Kartu diblokir. Hubungi bank Anda', 'Card blocked. Contact your bank'),
  cardExpired: row('CardError', 'no', 'Kartu sudah kedaluwarsa', 'Card expired'),
  dormantAccount: row('CardError', 'no', 'Rekening tidak aktif', 'Account dormant'),
  needToSetTokenLimit: row('LimitError', 'no', 'Atur limit kartu lebih dulu', 'Set your card limit first'),
  otpBlocked: row(
    'OtpError',
    'no',
    'Kode salah terlalu sering. Coba lagi nanti',
    'Too many wrong codes. Try later',
  ),
  otpLifetimeExpired: row(
    'OtpError',
    'no',
    'Kode sudah kedaluwarsa. Minta kode baru',
    'Code expired. Get a new one',
  ),
  otpSentToCardholder: row('OtpError', 'no', 'Kode sudah dikirim', 'Code sent'),
  insufficientFunds: row(
    'InsufficientFundsError',
    'no',
    'Limit atau saldo tidak cukup',
    'Not enough limit or balance',
  ),
  transactionNotPermitted: row(
    'DeclinedError',
    'no',
    'Transaksi tidak diizinkan untuk kartu ini',
    'Not allowed for this card',
  ),
  suspendTransaction: row('DeclinedError', 'again', 'Transaksi ditangguhkan', 'Transaction suspended'),
  tokenLimitExceeded: row('LimitError', 'no', 'Melebihi limit kartu', 'Over the card limit'),
  inactiveCard: row('CardError', 'no', 'Kartu belum aktif', 'Card not active'),
  merchantBlacklisted: row('MerchantError', 'no'),
  merchantLimitExceed: row('LimitError', 'again'),
  setLimitNotAllowed: row('LimitError', 'no', 'Limit tidak dapat diubah', 'Limit cannot be changed'),
  tokenLimitInvalid: row('LimitError', 'no'),
  accountLimitExceed: row('LimitError', 'again', 'Melebihi limit rekening', 'Over the account limit'),
  invalidTransactionStatus: row('StateError', 'no'),
  transactionNotFound: row('NotFoundError', 'no'),
  invalidRouting: row('RoutingError', 'no', 'Bank tidak dikenali', 'Bank not recognised'),
  bankNotSupportedBySwitch: row('RoutingError', 'no', 'Bank belum didukung', 'Bank not supported yet'),
  transactionCancelled: row(
    'CancelledError',
    'no',
    'Anda membatalkan pembayaran',
    'You cancelled the payment',
  ),
  merchantNotRegisteredForCardRegistration: row('MerchantError', 'no'),
  needToRequestOtp: row('OtpError', 'no', 'Minta kode lebih dulu', 'Ask for a code first'),
  journeyNotFound: row('NotFoundError', 'no', 'Sesi tidak ditemukan', 'Session not found'),
  invalidMerchant: row('MerchantError', 'no'),
  noIssuer: row('RoutingError', 'no', 'Bank tidak ditemukan', 'No such bank'),
  invalidApiTransition: row('StateError', 'no'),
  invalidCard: row('CardError', 'no', 'Nomor kartu tidak ditemukan', 'Card number not found'),
  invalidBill: row('NotFoundError', 'no'),
  invalidAmount: row('InvalidFieldError', 'no'),
  paidBill: row('ConflictError', 'no', ...ALREADY_PAID),
  invalidOtp: row('OtpError', 'no', 'Kode salah. Sisa {n} percobaan', 'Wrong code. {n} tries left'),
  partnerNotFound: row('AuthError', 'no'),
  invalidTerminal: row('InvalidFieldError', 'no'),
  inconsistentRequest: row('ConflictError', 'no'),
  invalidVirtualAccount: row('NotFoundError', 'no'),
  requestedFunctionIsNotSupported: row('UnsupportedError', 'no'),
  requestedOperationIsNotAllowed: row('UnsupportedError', 'no'),
  conflict: row('ConflictError', 'no'),
  duplicatePartnerReferenceNo: row('ConflictError', 'no'),
  tooManyRequests: row('RateLimitError', 'again', 'Server sibuk. Coba lagi', 'Busy. Try again'),
  generalError: row('GatewayError', 'again', ...SOMETHING_WRONG),
  internalServerError: row('GatewayError', 'again', ...SOMETHING_WRONG),
  externalServerError: row('GatewayError', 'again', 'Bank sedang gangguan', 'Your bank has a problem'),
  timeout: row(
    'TimeoutError',
    'no',
    'Belum ada jawaban dari bank. Kami sedang memeriksa',
    'No answer from your bank yet. We are checking',
  ),
}
