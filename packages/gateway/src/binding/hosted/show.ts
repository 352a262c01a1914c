import type { Shown } from '../../hosted/page-kind.ts'
import {
  codePage,
  donePage,
  type FailureKind,
  failureOf,
  failurePage,
  type Page,
  pendingPage,
  type RenderedPage,
} from '../../page/index.ts'
import { type Binding, MOST_ATTEMPTS, MOST_RESENDS } from '../binding.ts'
import { issuerName } from '../issuers.ts'

/** What a binding's page is shown for. */
export interface ShownBinding extends Shown {
  readonly binding: Binding
  readonly resendPauseMs: number
}

const CODE_LENGTH = 6

/** The page of a binding as it stands. */
export function showBinding(shown: ShownBinding): RenderedPage {
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

function askForCode(shown: ShownBinding): RenderedPage {
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

function fail(shown: ShownBinding, failure: FailureKind): RenderedPage {
  return failurePage({ ...pageOf(shown, shown.binding.failedUrl), failure })
}

function pageOf(
  { binding, partner, language, now, path }: ShownBinding,
  returnUrl: string | undefined,
): Page {
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
