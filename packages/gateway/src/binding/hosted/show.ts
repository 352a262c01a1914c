import type { Shown } from '../../hosted/page-kind.ts'
import { resendsLeft } from '../../otp-request/otp-request.ts'
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
import { type Binding, isTaken, MOST_ATTEMPTS } from '../binding.ts'
import { issuerName } from '../issuers.ts'
import type { Traits } from '../traits.ts'

/** What a binding's page is shown for. */
export interface ShownBinding extends Shown {
  readonly binding: Binding
  readonly resendPauseMs: number
  readonly traits: Traits
}

/** Where a channel leaves it open how long its passwords are, and for PINs. */
const USUAL_LENGTH = 6

/** The page of a binding as it stands. */
export function showBinding(shown: ShownBinding): RenderedPage {
  const { binding, now } = shown
  switch (binding.state) {
    case 'submitted':
    case 'unresolved':
    case 'verifying':
      return pendingPage({ ...pageOf(shown, undefined), statusPath: `${shown.path}/status` })
    case 'otp_wanted':
    case 'otp_sent':
    case 'pin_wanted':
      return now < binding.expiresAt ? askForCode(shown) : fail(shown, 'sessionExpired')
    case 'active':
    case 'unbinding':
    case 'inactive':
      return donePage({ ...pageOf(shown, binding.successUrl), doneAt: binding.settledAt ?? now })
    case 'failed':
      return fail(shown, isTaken(binding) ? 'accountTaken' : failureOf(binding.outcome ?? 'generalError'))
    case 'blocked':
      return fail(shown, binding.step === 'pin' ? 'pinBlocked' : 'codeBlocked')
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
    kind: binding.step,
    step: shown.traits.hasPin ? { number: binding.step === 'otp' ? 1 : 2, of: 2 } : undefined,
    codeLength: lengthOf(shown),
    // A code that nobody has asked for yet is like one that is dead: another has to be sent.
    codeExpiresAt: binding.state === 'otp_wanted' ? shown.now : binding.otpExpiresAt,
    maskedPhone: binding.phoneMasked,
    entered,
    attemptsLeft: MOST_ATTEMPTS[binding.step] - binding.attempts,
    resend: binding.step === 'pin' ? undefined : resendOf(shown),
    notice,
  })
}

function lengthOf({ binding, traits }: ShownBinding): number {
  const { min, max } = traits.otp
  return binding.step === 'otp' && min === max ? min : USUAL_LENGTH
}

function resendOf({ binding, resendPauseMs, traits }: ShownBinding) {
  return {
    availableAt: binding.otpSentAt === undefined ? 0 : binding.otpSentAt + resendPauseMs,
    left: resendsLeft(binding, traits.isOtpAskedFor),
  }
}

function fail(shown: ShownBinding, failure: FailureKind): RenderedPage {
  return failurePage({ ...pageOf(shown, shown.binding.failedUrl), failure })
}

function pageOf(
  { binding, partner, language, now, path, traits }: ShownBinding,
  returnUrl: string | undefined,
): Page {
  return {
    language,
    purpose: 'binding',
    path,
    now,
    shop: partner.name,
    source: binding.kind,
    issuer: traits.hasIssuers ? issuerName(binding.issuerNumber) : traits.title,
    maskedCard: binding.kind === 'account' ? binding.phoneMasked : `···· ${binding.lastFour}`,
    reference: binding.referenceNo,
    partnerReference: binding.partnerReferenceNo,
    returnUrl,
    frameAncestors: partner.frameAncestors,
  }
}
