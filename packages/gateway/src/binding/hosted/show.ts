import {
  codePage,
  donePage,
  type FailureKind,
  failureOf,
  failurePage,
  type Language,
  type Notice,
  type Page,
  pendingPage,
  type RenderedPage,
} from '../../page/index.ts'
import type { Partner } from '../../partner/partner.ts'
import { type Binding, MOST_ATTEMPTS, MOST_RESENDS } from '../binding.ts'
import { issuerName } from '../issuers.ts'

/** What a page is shown for. Times in epoch milliseconds. */
export interface Shown {
  readonly binding: Binding
  readonly partner: Partner
  readonly language: Language
  readonly now: number
  /** The page's own path, as the browser knows it. */
  readonly path: string
  readonly csrfToken: string
  readonly resendPauseMs: number
  readonly notice?: Notice | undefined
  readonly entered?: string | undefined
}

const CODE_LENGTH = 6

/** The page of a binding as it stands. */
export function showBinding(shown: Shown): RenderedPage {
  const { binding, now } = shown
  switch (binding.state) {
    case 'submitted':
    case 'unresolved':
    case 'verifying':
      return pendingPage({ ...pageOf(shown, binding.failedUrl), statusPath: `${shown.path}/status` })
    case 'otp_sent':
      return now < binding.expiresAt ? askForCode(shown) : fail(shown, 'sessionExpired')
    case 'active':
    case 'unbinding':
    case 'inactive':
      return donePage({ ...pageOf(shown, binding.successUrl), doneAt: binding.settledAt ?? now })
    case 'failed':
      return fail(shown, failureOf(binding.outcome ?? 'generalError'))
    case 'blocked':
      return fail(shown, 'codeBlocked')
    case 'cancelled':
      return fail(shown, 'cancelled')
    case 'expired':
      return fail(shown, 'sessionExpired')
  }
}

/** A page that knows nothing of anybody: for addresses that lead nowhere, and for faults. */
export function showNobody(failure: FailureKind, language: Language, now: number): RenderedPage {
  return failurePage({ language, purpose: 'binding', path: '', now, failure })
}

function askForCode(shown: Shown): RenderedPage {
  const { binding, csrfToken, notice, entered } = shown
  return codePage({
    ...pageOf(shown, binding.failedUrl),
    csrfToken,
    sessionEndsAt: binding.expiresAt,
    kind: 'otp',
    codeLength: CODE_LENGTH,
    codeExpiresAt: binding.otpExpiresAt,
    maskedPhone: binding.phoneMasked,
    entered,
    attemptsLeft: MOST_ATTEMPTS - binding.attempts,
    resend: {
      availableAt: (binding.otpSentAt ?? binding.createdAt) + shown.resendPauseMs,
      left: MOST_RESENDS - binding.resends,
    },
    notice,
  })
}

function fail(shown: Shown, failure: FailureKind): RenderedPage {
  return failurePage({ ...pageOf(shown, shown.binding.failedUrl), failure })
}

function pageOf({ binding, partner, language, now, path }: Shown, returnUrl: string | undefined): Page {
  return {
    language,
    purpose: 'binding',
    path,
    now,
    shop: partner.name,
    issuer: issuerName(binding.issuerNumber),
    maskedCard: `···· ${binding.lastFour}`,
    reference: binding.referenceNo,
    partnerReference: binding.partnerReferenceNo,
    returnUrl,
    frameAncestors: partner.frameAncestors,
  }
}
