import type { ChannelAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import { type DueWork, openDueWork } from '../due-work.ts'
import { askToCancel, type CancelAnswer, type CancelDeps, settleCancellation } from './cancel.ts'
import { type DueCancellation, isOpen } from './cancellation.ts'

export interface CancellerDeps extends CancelDeps {
  /** Cancellations about which the network is asked at the same time. */
  readonly most: number
  readonly longestPauseMs: number
  /** Takes at most so many that are due. */
  readonly take: (now: number, most: number) => Promise<readonly DueCancellation[]>
  readonly postpone: (cancellation: DueCancellation, dueAt: number) => Promise<void>
  /** How long one may stay open before somebody is told, in milliseconds. */
  readonly alertMs: number
  /** True for the one of all processes that is to tell of it, once. */
  readonly claimAlert: (cancellation: DueCancellation, now: number) => Promise<boolean>
  /** `cause`: what is odd about the last answer. */
  readonly onOverdue: (cancellation: DueCancellation, cause: string) => void
  readonly onSettled?: (cancellation: DueCancellation, answer: CancelAnswer) => void
  readonly onFault: (error: unknown) => void
}

/**
 * Tells the network again of what somebody wanted called off, until it says a clear word. One that stays open for too long is told of
 * once, and stays open: silence is not a no, and what is held might be gone.
 */
export function openCanceller(deps: CancellerDeps): DueWork {
  return openDueWork({
    most: deps.most,
    take: (most) => deps.take(deps.clock.now(), most),
    work: (cancellation) => resolve(deps, cancellation),
    onFault: deps.onFault,
  })
}

async function resolve(deps: CancellerDeps, cancellation: DueCancellation): Promise<void> {
  let open: Open | undefined = { cause: 'a fault' }
  try {
    open = await resolveOrPostpone(deps, cancellation)
  } finally {
    if (open !== undefined) await alertIfOverdue(deps, cancellation, open)
  }
}

/** Why it is still open. */
interface Open {
  readonly cause: string
}

async function resolveOrPostpone(
  deps: CancellerDeps,
  cancellation: DueCancellation,
): Promise<Open | undefined> {
  const answer = await ask(deps, cancellation)
  const open = { cause: 'cause' in answer ? answer.cause : answer.kind }
  if (answer.kind === 'unresolved' && cancellation.state === 'unresolved') {
    await later(deps, cancellation)
    return open
  }
  const settled = await settleCancellation(deps, cancellation, answer)
  deps.onSettled?.(cancellation, settled)
  return isOpen(settled.standing.state) ? open : undefined
}

async function alertIfOverdue(
  deps: CancellerDeps,
  cancellation: DueCancellation,
  { cause }: Open,
): Promise<void> {
  const now = deps.clock.now()
  if (now - cancellation.createdAt < deps.alertMs) return
  if (await deps.claimAlert(cancellation, now)) deps.onOverdue(cancellation, cause)
}

/** A customer calls off no paid payment: once it is paid, the network is asked what the wish came to and not told of it again. */
async function ask(deps: CancellerDeps, cancellation: DueCancellation): Promise<ChannelAnswer> {
  const { channel, referenceNo, amountMinor, externalId, isPaid } = cancellation
  if (externalId !== undefined || !isPaid) return askToCancel(deps, cancellation)
  const network = channelNamed(deps.channels, channel)
  const answer = await network?.inquire({ referenceNo, amountMinor }, deps.networkTimeoutMs)
  if (answer === undefined || answer.kind === 'not-found')
    return { kind: 'unresolved', cause: 'nobody who knows' }
  return answer
}

/** Half as long again as before, so that a long silence costs few questions. */
function later(deps: CancellerDeps, cancellation: DueCancellation): Promise<void> {
  const pause = Math.min(deps.firstInquiryMs * 1.5 ** cancellation.inquiries, deps.longestPauseMs)
  return deps.postpone(cancellation, deps.clock.now() + pause)
}
