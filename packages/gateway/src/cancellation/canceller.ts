import type { ChannelAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import { type DueWork, openDueWork } from '../due-work.ts'
import { askToCancel, type CancelAnswer, type CancelDeps, settleCancellation } from './cancel.ts'
import type { DueCancellation } from './cancellation.ts'

export interface CancellerDeps extends CancelDeps {
  /** Cancellations about which the network is asked at the same time. */
  readonly most: number
  readonly longestPauseMs: number
  /** Takes at most so many that are due. */
  readonly take: (now: number, most: number) => Promise<readonly DueCancellation[]>
  readonly postpone: (cancellation: DueCancellation, dueAt: number) => Promise<void>
  readonly onSettled?: (cancellation: DueCancellation, answer: CancelAnswer) => void
  readonly onFault: (error: unknown) => void
}

/** Tells the network again of what somebody wanted called off, until it says a clear word. */
export function openCanceller(deps: CancellerDeps): DueWork {
  return openDueWork({
    most: deps.most,
    take: (most) => deps.take(deps.clock.now(), most),
    work: (cancellation) => resolve(deps, cancellation),
    onFault: deps.onFault,
  })
}

async function resolve(deps: CancellerDeps, cancellation: DueCancellation): Promise<void> {
  const answer = await ask(deps, cancellation)
  if (answer.kind === 'unresolved' && cancellation.state === 'unresolved') return later(deps, cancellation)
  const settled = await settleCancellation(deps, cancellation, answer)
  deps.onSettled?.(cancellation, settled)
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
