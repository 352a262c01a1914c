import { SnapError } from '@gerbang/snap'
import type { Sql } from '../../database/pool.ts'
import type { Acted, PageKind } from '../../hosted/page-kind.ts'
import type { PostedForm } from '../../page/index.ts'
import { Secret } from '../../secret.ts'
import { confirmPayment } from './confirm.ts'
import { type ResendDeps, resendCode } from './resend.ts'
import { isWaitedFor, showPayment } from './show.ts'
import type { SteppedPayment } from './stepped.ts'
import { findStepped, lookAfter } from './store.ts'

export interface PaymentPageDeps extends ResendDeps {
  readonly sql: Sql
  /** Calls the payment off for its customer. Throws SnapError when that is not possible any more. */
  readonly cancel: (payment: SteppedPayment) => Promise<void>
}

/** The page on which a customer confirms a payment with codes, or is told to do so in the bank's app. */
export function paymentPage(deps: PaymentPageDeps): PageKind<SteppedPayment> {
  return {
    kind: 'payment',
    load: (name) => findStepped(deps.sql, name),
    act: (payment, form) => act(deps, payment, form),
    show: (payment, shown) => showPayment({ ...shown, ...deps, payment }),
    isWaiting: (payment) =>
      isWaitedFor(payment) || (payment.state === 'waiting' && payment.step?.step === 'app'),
  }
}

/** Does what a customer asks for: the same deeds as the partner's requests, with the same limits. */
async function act(
  deps: PaymentPageDeps,
  subject: SteppedPayment,
  form: PostedForm,
): Promise<Acted<SteppedPayment>> {
  try {
    return await doWhatIsAsked(deps, subject, form)
  } catch (refusal) {
    if (!(refusal instanceof SnapError)) throw refusal
    const notice = NOTICES.get(refusal.outcome)
    return { subject, notice, entered: form.entered }
  }
}

const NOTICES = new Map([
  ['invalidOtp', 'wrong'],
  ['tooManyRequests', 'too-soon'],
] as const satisfies readonly (readonly [string, Acted<unknown>['notice']])[]) as ReadonlyMap<
  string,
  'wrong' | 'too-soon'
>

const CODE = /^\d{4,8}$/

async function doWhatIsAsked(
  deps: PaymentPageDeps,
  subject: SteppedPayment,
  { action, code, kind, entered }: PostedForm,
): Promise<Acted<SteppedPayment>> {
  switch (action) {
    case 'verify': {
      // What cannot be a code is not worth an attempt.
      if (!CODE.test(code)) return { subject, notice: 'wrong', entered }
      const { payment, outcome, fault } = await confirmPayment(deps, {
        name: subject,
        step: kind === 'pin' ? 'pin' : 'otp',
        code: new Secret(code),
      })
      return { subject: payment, notice: outcome === 'invalidOtp' ? 'wrong' : undefined, entered, fault }
    }
    case 'resend': {
      const { payment, outcome, fault } = await resendCode(deps, { name: subject })
      return { subject: payment, notice: outcome === 'successful' ? 'resent' : undefined, fault }
    }
    case 'cancel':
      await deps.cancel(subject)
      return { subject }
    case 'approved':
      // The bank has not said so yet: it is asked at once.
      await lookAfter(deps.sql, subject, deps.clock.now())
      return { subject, notice: 'too-soon' }
    default:
      return { subject, entered }
  }
}
