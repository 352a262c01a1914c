import { SnapError } from '@gerbang/snap'
import { channelNamed } from '../../channels/index.ts'
import type { Acted } from '../../hosted/page-kind.ts'
import type { PostedForm } from '../../page/index.ts'
import { Secret } from '../../secret.ts'
import type { Binding } from '../binding.ts'
import { otp, type ResendDeps } from '../otp.ts'
import { otpVerification, type VerifyDeps } from '../otp-verification.ts'
import { type BindDeps, callOff, tellCancelled } from '../registration.ts'
import { isCancellable, isOpen } from '../states.ts'
import { lockBinding, updateBinding } from '../store.ts'
import { traitsOf } from '../traits.ts'

export interface ActDeps extends BindDeps, VerifyDeps, ResendDeps {
  /** How long after it was asked for a binding may stay open, however often its cardholder asks for time; milliseconds. */
  readonly longestMs: number
}

interface Done extends Omit<Acted<Binding>, 'subject'> {
  readonly binding: Binding
}

/** Does what a cardholder asks for on the page: the same deeds as the partner's requests, with the same limits. */
export async function act(deps: ActDeps, before: Binding, form: PostedForm): Promise<Acted<Binding>> {
  const { binding, ...told } = await doWhatIsAsked(deps, before, form)
  return { ...told, subject: binding }
}

async function doWhatIsAsked(deps: ActDeps, binding: Binding, form: PostedForm): Promise<Done> {
  const { entered } = form
  switch (form.action) {
    case 'verify':
      return { entered, ...(await verify(deps, binding, form)) }
    case 'resend':
      return resend(deps, binding)
    case 'cancel':
      return { binding: await cancel(deps, binding) }
    case 'extend':
      return { entered, ...(await extend(deps, binding)) }
    default:
      return { entered, binding }
  }
}

const PIN_LENGTH = { min: 4, max: 8 }

async function verify(deps: ActDeps, binding: Binding, { code, kind }: PostedForm): Promise<Done> {
  const step = kind === 'pin' ? 'pin' : 'otp'
  const { min, max } = step === 'pin' ? PIN_LENGTH : traitsOf(deps.channels, binding.channel).otp
  // What cannot be a code is not worth an attempt; and a password that comes late must not be tried as a PIN.
  if (code.length < min || code.length > max)
    return { binding, notice: step === binding.step ? 'wrong' : undefined }
  try {
    const trial = { name: binding, step, code: new Secret(code) } as const
    const { outcome, ...settled } = await otpVerification(deps, trial)
    return { ...settled, notice: outcome === 'invalidOtp' ? 'wrong' : undefined }
  } catch (refusal) {
    if (!(refusal instanceof SnapError)) throw refusal
    return { binding, notice: refusal.outcome === 'invalidOtp' ? 'wrong' : undefined }
  }
}

async function resend(deps: ActDeps, binding: Binding): Promise<Done> {
  try {
    const { outcome, ...settled } = await otp(deps, { name: binding })
    return { ...settled, notice: outcome === 'successful' ? 'resent' : undefined }
  } catch (refusal) {
    if (!(refusal instanceof SnapError)) throw refusal
    return { binding, notice: refusal.outcome === 'tooManyRequests' ? 'too-soon' : undefined }
  }
}

/** Only while nobody is being asked about a code; else the page shows what it waits for. */
async function cancel(deps: ActDeps, name: Binding): Promise<Binding> {
  const cards = channelNamed(deps.channels, name.channel)?.bindings
  const [before, binding] = await deps.transaction(async (sql) => {
    const locked = await lockBinding(sql, name)
    return [locked, isCancellable(locked.state) ? await callOff(sql, deps, locked) : locked]
  })
  if (cards !== undefined && before !== binding) tellCancelled(deps, cards, binding)
  return binding
}

function extend(deps: ActDeps, name: Binding): Promise<Done> {
  return deps.transaction(async (sql) => {
    const before = await lockBinding(sql, name)
    const now = deps.clock.now()
    const wished = Math.min(now + deps.sessionMs, before.createdAt + deps.longestMs)
    if (!isOpen(before.state) || now >= before.expiresAt || wished <= before.expiresAt)
      return { binding: before }
    const expiresAt = wished
    const binding = {
      ...before,
      expiresAt,
      dueAt: before.dueAt === before.expiresAt ? expiresAt : before.dueAt,
    }
    await updateBinding(sql, binding)
    return { binding, notice: 'extended' }
  })
}
