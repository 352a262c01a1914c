import { NoAnswerError, RefusedError, StillPendingError } from './errors.ts'
import { demand } from './field-rules.ts'
import type { Payment } from './payment.ts'
import type { Settings } from './settings.ts'
import type { PaymentStatus, StatusQuestion } from './status.ts'

const LONGEST_PAUSE_MS = 5_000
/** The longest that a timer of Node.js can wait. */
const LONGEST_MS = 2 ** 31 - 1
const GROWTH = 1.5

export interface Patience {
  /** When to give up: two minutes when absent. The issuer gives the cardholder up to five. */
  readonly timeoutMs?: number
  /** The first pause, before the first question; it grows to five seconds. One second when absent. */
  readonly everyMs?: number
  /** Ends the waiting early; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/** The numbers by which a payment is asked for. */
export function questionOf(subject: Payment | StatusQuestion): StatusQuestion {
  if (!('partnerReferenceNo' in subject)) return subject
  const { partnerReferenceNo, referenceNo, externalId } = subject
  return referenceNo === undefined
    ? { originalPartnerReferenceNo: partnerReferenceNo, originalExternalId: externalId }
    : { originalReferenceNo: referenceNo }
}

/**
 * Asks again and again until the payment is final. A question that fails in passing is asked again.
 * @throws StillPendingError when the time is over; what `ask` throws when asking again would not help.
 */
export async function waitUntilFinal(
  ask: () => Promise<PaymentStatus>,
  { timeoutMs = 120_000, everyMs = 1_000, signal }: Patience,
  pause: Settings['pause'],
): Promise<PaymentStatus> {
  for (const [field, ms] of Object.entries({ timeoutMs, everyMs })) {
    demand(Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_MS, field, 'must be whole milliseconds.')
  }
  const over = AbortSignal.timeout(timeoutMs)
  const until = signal === undefined ? over : AbortSignal.any([signal, over])
  let failure: unknown
  try {
    for (let ms = everyMs; ; ms = longer(ms)) {
      await unlessAborted(pause(ms, until), until)
      const status = await unlessAborted(ask(), until).catch((error: unknown) => {
        if (until.aborted || !passes(error)) throw error
        failure = error
        return undefined
      })
      if (status?.isFinal) return status
      if (status !== undefined) failure = undefined
    }
  } catch (error) {
    if (!until.aborted) throw error
    signal?.throwIfAborted()
    throw new StillPendingError(timeoutMs, failure)
  }
}

function longer(ms: number): number {
  return ms >= LONGEST_PAUSE_MS ? ms : Math.min(ms * GROWTH, LONGEST_PAUSE_MS)
}

// A payment that was sent a moment ago may not be known yet.
function passes(error: unknown): boolean {
  if (error instanceof NoAnswerError) return true
  return error instanceof RefusedError && (error.retryable || error.outcome === 'transactionNotFound')
}

/** What the promise gives, or the rejection as soon as nobody waits any more. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted()
  let stop = () => {}
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
