import { formatAmount } from '@gerbang/snap'
import type { Channel } from '../../channels/channel.ts'
import { channelNamed } from '../../channels/index.ts'
import type { ChannelProfile } from '../../channels/profile.ts'
import type { Shown } from '../../hosted/page-kind.ts'
import { resendsLeft } from '../../otp-request/otp-request.ts'
import {
  approvalPage,
  type CodeKind,
  codePage,
  donePage,
  type FailureKind,
  failureOf,
  failurePage,
  type OpenPage,
  type Page,
  pendingPage,
  type RenderedPage,
} from '../../page/index.ts'
import { MOST_ATTEMPTS, type PaymentStep, type SteppedPayment } from './stepped.ts'

/** What a payment's page is shown for. */
export interface ShownPayment extends Shown {
  readonly payment: SteppedPayment
  readonly channels: readonly Channel[]
  readonly resendPauseMs: number
}

const CODE_LENGTH = 6

/** The page of a payment as it stands. */
export function showPayment(shown: ShownPayment): RenderedPage {
  const { payment, now } = shown
  const { state, outcome, visiting } = payment
  if (isWaitedFor(payment))
    return pendingPage({ ...pageOf(shown, undefined), statusPath: `${shown.path}/status` })
  switch (state) {
    case 'paid':
      // What was paid is called off by the shop alone.
      return payment.isCancelling
        ? fail(shown, 'cancelled')
        : donePage({ ...pageOf(shown, visiting.successUrl), doneAt: payment.settledAt ?? now })
    case 'declined':
      return fail(shown, failureOfPayment(payment))
    case 'reversed':
      return fail(shown, outcome === 'transactionCancelled' ? 'cancelled' : 'timeRanOut')
    default:
      return now < payment.confirmBy ? ask(shown) : fail(shown, 'sessionExpired')
  }
}

function failureOfPayment({ outcome, step }: SteppedPayment): FailureKind {
  if (outcome === 'otpBlocked' && step?.step === 'pin') return 'pinBlocked'
  return failureOf(outcome ?? 'generalError')
}

/** Whether somebody else than the customer is waited for. */
export function isWaitedFor({ state, isCancelling, step }: SteppedPayment): boolean {
  if (state === 'submitted' || state === 'unresolved') return true
  return state === 'waiting' && (isCancelling || step === undefined)
}

function ask(shown: ShownPayment): RenderedPage {
  const { payment, notice, path } = shown
  const { step } = payment
  if (step !== undefined && step.step !== 'app') return askForCode(shown, step, step.step)
  return approvalPage({
    ...openPageOf(shown),
    appName: profileOf(shown)?.title,
    statusPath: `${path}/status`,
    mayUseCode: false,
    isTooEarly: notice === 'too-soon',
  })
}

function askForCode(shown: ShownPayment, step: PaymentStep, kind: CodeKind): RenderedPage {
  const { payment, notice, entered } = shown
  const isOtp = kind === 'otp'
  return codePage({
    ...openPageOf(shown),
    kind,
    codeLength: CODE_LENGTH,
    codeExpiresAt: isOtp ? step.otpExpiresAt : undefined,
    entered,
    attemptsLeft: MOST_ATTEMPTS - step.attempts,
    resend: isOtp
      ? {
          availableAt: (step.otpSentAt ?? payment.createdAt - shown.resendPauseMs) + shown.resendPauseMs,
          left: resendsLeft(step, profileOf(shown)?.binding?.isOtpAskedFor ?? false),
        }
      : undefined,
    notice,
  })
}

function fail(shown: ShownPayment, failure: FailureKind): RenderedPage {
  return failurePage({ ...pageOf(shown, shown.payment.visiting.failedUrl), failure })
}

/** The bank's own clock decides until when the customer may confirm. */
function openPageOf(shown: ShownPayment): OpenPage {
  const { payment, csrfToken } = shown
  return {
    ...pageOf(shown, payment.visiting.failedUrl),
    csrfToken,
    sessionEndsAt: payment.confirmBy,
    mayExtend: false,
  }
}

function profileOf({ channels, payment }: ShownPayment): ChannelProfile | undefined {
  return channelNamed(channels, payment.channel)?.profile
}

function pageOf(shown: ShownPayment, returnUrl: string | undefined): Page {
  const { payment, partner, language, now, path } = shown
  const profile = profileOf(shown)
  return {
    language,
    purpose: 'payment',
    source: profile?.binding?.kind,
    path,
    now,
    shop: partner.name,
    issuer: profile?.title,
    maskedCard: payment.lastFour && `···· ${payment.lastFour}`,
    amount: formatAmount(payment.amountMinor),
    reference: payment.referenceNo,
    partnerReference: payment.partnerReferenceNo,
    returnUrl,
    frameAncestors: partner.frameAncestors,
  }
}
