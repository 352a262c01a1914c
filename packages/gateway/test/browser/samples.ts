import {
  approvalPage,
  type CodePage,
  codePage,
  donePage,
  failurePage,
  type Language,
  type Page,
  pendingPage,
  type RenderedPage,
} from '../../src/page/index.ts'

/** 26 May 2026, 10.02 in Jakarta. */
export const NOW = Date.parse('2026-05-26T10:02:28+07:00')

const MINUTE = 60_000

/** A binding at a shop, as most pages show it. */
export const BINDING: Omit<CodePage, 'language'> = {
  purpose: 'binding',
  path: '/page',
  now: NOW,
  shop: 'Toko Contoh',
  issuer: 'BRI',
  maskedCard: '···· 3142',
  reference: 'KKI-20260526-7Q4M2D',
  partnerReference: 'SATKER-0042',
  returnUrl: 'toko.example/kartu?sesi=8f2c',
  csrfToken: 'q8JYx0n3Zt7cV5mLw2RkPf',
  sessionEndsAt: NOW + 10 * MINUTE,
  kind: 'otp',
  codeLength: 6,
  codeExpiresAt: NOW + 4.5 * MINUTE + 2_000,
  maskedPhone: '+62 811-••••-••34',
  attemptsLeft: 5,
  resend: { availableAt: NOW + 42_000, left: 3 },
}

export const PAYMENT: Omit<CodePage, 'language'> = { ...BINDING, purpose: 'payment', amount: '150000.00' }

/** The binding of an account, and the PIN that follows its code. */
export const LINKING: Omit<CodePage, 'language'> = {
  ...BINDING,
  step: { number: 1, of: 2 },
  source: 'account',
  issuer: 'CIMB Niaga',
  maskedCard: '+62 811-••••-••34',
}

export const LINKING_PIN: Omit<CodePage, 'language'> = {
  ...LINKING,
  step: { number: 2, of: 2 },
  kind: 'pin',
  codeExpiresAt: undefined,
  resend: undefined,
  attemptsLeft: 3,
}

const STATUS = { statusPath: '/status' }

/** Every state of the pages by the name of its picture. */
export const SAMPLES: Readonly<Record<string, (language: Language) => RenderedPage>> = {
  'enter-code': (language) => codePage({ ...BINDING, language }),
  'enter-code-unknown-phone': (language) =>
    codePage({ ...BINDING, maskedPhone: undefined, resend: { availableAt: NOW, left: 0 }, language }),
  'wrong-code': (language) =>
    codePage({ ...BINDING, notice: 'wrong', entered: '12 34-57', attemptsLeft: 3, language }),
  'code-resent': (language) =>
    codePage({ ...BINDING, notice: 'resent', resend: { availableAt: NOW + 60_000, left: 2 }, language }),
  'resend-too-soon': (language) => codePage({ ...BINDING, notice: 'too-soon', language }),
  'more-time': (language) => codePage({ ...BINDING, notice: 'extended', entered: '1234', language }),
  'session-ending': (language) => codePage({ ...BINDING, sessionEndsAt: NOW + 48_000, language }),
  'code-expired': (language) => codePage({ ...BINDING, codeExpiresAt: NOW, language }),
  'code-expired-for-good': (language) =>
    codePage({ ...BINDING, codeExpiresAt: NOW, resend: { availableAt: NOW, left: 0 }, language }),
  'payment-code': (language) => codePage({ ...PAYMENT, language }),
  'payment-token': (language) =>
    codePage({ ...PAYMENT, kind: 'token', codeLength: 8, resend: undefined, language }),
  'payment-pin': (language) =>
    codePage({ ...PAYMENT, kind: 'pin', codeExpiresAt: undefined, resend: undefined, language }),
  'linking-code': (language) => codePage({ ...LINKING, language }),
  'linking-pin': (language) => codePage({ ...LINKING_PIN, language }),
  'linking-wrong-pin': (language) =>
    codePage({ ...LINKING_PIN, notice: 'wrong', entered: '654321', attemptsLeft: 1, language }),
  'linking-more-time': (language) => codePage({ ...LINKING_PIN, notice: 'extended', language }),
  'linking-pending': (language) => pendingPage({ ...LINKING, ...STATUS, language }),
  'linking-done': (language) => donePage({ ...LINKING, doneAt: NOW, language }),
  'linking-cancelled': (language) => failurePage({ ...LINKING, failure: 'cancelled', language }),
  'linking-blocked': (language) => failurePage({ ...LINKING, failure: 'codeBlocked', language }),
  'linking-pin-blocked': (language) => failurePage({ ...LINKING_PIN, failure: 'pinBlocked', language }),
  'linking-taken': (language) => failurePage({ ...LINKING, failure: 'accountTaken', language }),
  'account-declined': (language) =>
    failurePage({
      ...LINKING,
      purpose: 'payment',
      amount: '150000.00',
      failure: 'insufficientFunds',
      language,
    }),
  'payment-ending': (language) =>
    codePage({ ...PAYMENT, sessionEndsAt: NOW + 48_000, mayExtend: false, language }),
  approval: (language) => approvalPage({ ...BINDING, ...STATUS, mayUseCode: true, language }),
  'payment-approval-too-early': (language) =>
    approvalPage({
      ...PAYMENT,
      ...STATUS,
      appName: 'BRImo',
      appUrl: 'brimo://approve',
      mayUseCode: false,
      isTooEarly: true,
      language,
    }),
  pending: (language) => pendingPage({ ...BINDING, ...STATUS, language }),
  'payment-pending': (language) => pendingPage({ ...PAYMENT, ...STATUS, language }),
  done: (language) => donePage({ ...BINDING, doneAt: NOW, language }),
  'payment-done': (language) => donePage({ ...PAYMENT, doneAt: NOW, language }),
  cancelled: (language) => failurePage({ ...BINDING, failure: 'cancelled', language }),
  blocked: (language) => failurePage({ ...BINDING, failure: 'codeBlocked', language }),
  'session-expired': (language) => failurePage({ ...BINDING, failure: 'sessionExpired', language }),
  'bank-down': (language) => failurePage({ ...BINDING, failure: 'bankDown', language }),
  'shop-fault': (language) => failurePage({ ...BINDING, failure: 'shopFault', language }),
  'already-done': (language) => failurePage({ ...BINDING, failure: 'alreadyDone', language }),
  declined: (language) => failurePage({ ...PAYMENT, failure: 'declined', language }),
  'not-found': (language) => failurePage({ ...nobody(language), failure: 'sessionNotFound' }),
}

/** What is known of a page whose address leads nowhere. */
function nobody(language: Language): Page {
  return { language, purpose: 'binding', path: '/page', now: NOW }
}
