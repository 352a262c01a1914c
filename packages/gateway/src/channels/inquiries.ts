import type { Clock } from '../clock.ts'
import { type DueWork, openDueWork } from '../due-work.ts'
import type { NotFound, Unresolved } from './channel.ts'

/** Something that a network was, or may have been, told of, and that has no final state yet. */
export interface Open {
  /** Ours; the network knows it by this number. */
  readonly referenceNo: string
  readonly state: string
  /** How often the network was asked before this time. */
  readonly inquiries: number
  /** The network has said that it has it. */
  readonly isAcknowledged: boolean
  /** Epoch milliseconds after which the network must not do it any more. */
  readonly expiresAt: number
  /** When it was taken, by the database's clock. */
  readonly takenAt: number
  /** When something is bound to have changed, in epoch milliseconds: it is asked about then, however long the pause. */
  readonly changesAt?: number
}

/** How patiently a network is asked; times in milliseconds. */
export interface Patience {
  /** Inquiries at the same time. */
  readonly most: number
  readonly firstInquiryMs: number
  readonly longestPauseMs: number
  readonly inquiryTimeoutMs: number
  /** After its expiry the network gets this long, for clocks that differ. */
  readonly expiryMarginMs: number
}

export interface InquiryDeps<Due extends Open, Answer extends { readonly kind: string }> extends Patience {
  readonly clock: Clock
  /** Takes at most so many that are due. */
  readonly take: (now: number, most: number) => Promise<readonly Due[]>
  /** Undefined when there is nobody to ask. */
  readonly ask: (due: Due, timeoutMs: number) => Promise<Answer | Unresolved | NotFound> | undefined
  readonly book: (due: Due, answer: Answer | Unresolved) => Promise<void>
  /** Books that the network never heard of it and must not do it any more. */
  readonly bookNever: (due: Due) => Promise<void>
  readonly postpone: (due: Due, until: Postponement) => Promise<void>
  readonly onFault: (error: unknown) => void
}

export interface Postponement {
  readonly dueAt: number
  readonly networkCode?: string | undefined
}

/** The network has said that it has this, and now says that it knows of none. */
class Forgotten extends Error {
  override readonly name = 'Forgotten'
}

/**
 * Asks the network about what was left open and books what it says. It never tells the network to do anything and never
 * guesses: without a clear word the row stays open and is asked about again, later and later. An inquiry that hangs
 * holds one place and nobody else.
 */
export function openInquiries<Due extends Open, Answer extends { readonly kind: string }>(
  deps: InquiryDeps<Due, Answer>,
): DueWork {
  const { most, onFault } = deps
  return openDueWork({
    most,
    take: (free) => deps.take(deps.clock.now(), free),
    work: (due) => resolve(deps, due),
    onFault,
  })
}

async function resolve<Due extends Open, Answer extends { readonly kind: string }>(
  deps: InquiryDeps<Due, Answer>,
  due: Due,
): Promise<void> {
  const answer = await deps.ask(due, deps.inquiryTimeoutMs)
  if (answer === undefined) return later(deps, due)
  if (isNotFound(answer)) {
    if (!due.isAcknowledged && isExpired(deps, due)) return deps.bookNever(due)
    if (due.isAcknowledged) deps.onFault(new Forgotten(due.referenceNo))
    return unclear(deps, due)
  }
  if (isUnresolved(answer)) return unclear(deps, due, answer.networkCode)
  return answer.kind === due.state ? later(deps, due) : deps.book(due, answer)
}

/** A claim whose process died before it could answer gets its 202 booked, so that a repeated request is told so. */
function unclear<Due extends Open, Answer extends { readonly kind: string }>(
  deps: InquiryDeps<Due, Answer>,
  due: Due,
  networkCode?: string,
): Promise<void> {
  if (due.state !== 'submitted') return later(deps, due, networkCode)
  return deps.book(due, { kind: 'unresolved', cause: 'left open', ...(networkCode && { networkCode }) })
}

/** Half as long again as before, so that a long silence costs few questions. */
function later<Due extends Open, Answer extends { readonly kind: string }>(
  deps: InquiryDeps<Due, Answer>,
  due: Due,
  networkCode?: string,
): Promise<void> {
  const pause = Math.min(deps.firstInquiryMs * 1.5 ** due.inquiries, deps.longestPauseMs)
  const now = deps.clock.now()
  const { changesAt } = due
  const dueAt = changesAt !== undefined && changesAt > now ? Math.min(now + pause, changesAt) : now + pause
  return deps.postpone(due, { dueAt, networkCode })
}

/** By our clock and by the database's: one alone may have jumped ahead, and what is in the air must not be given up. */
function isExpired({ clock, expiryMarginMs }: { clock: Clock } & Patience, due: Open): boolean {
  const databaseNow = due.takenAt + (clock.shiftMs?.() ?? 0)
  return Math.min(clock.now(), databaseNow) > due.expiresAt + expiryMarginMs
}

function isNotFound(answer: { readonly kind: string }): answer is NotFound {
  return answer.kind === 'not-found'
}

function isUnresolved(answer: { readonly kind: string }): answer is Unresolved {
  return answer.kind === 'unresolved'
}
