import type { CardToken } from '../card-token/card-token.ts'
import type { Bindings, Channel, UnbindAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { Clock } from '../clock.ts'
import { type DueWork, openDueWork } from '../due-work.ts'
import type { Vault } from '../vault/vault.ts'
import { askToForget } from './ask.ts'
import { type CodeSent, codeEndsAt, GRACE_MS } from './codes/await-code.ts'
import { type DueUnbinding, type Ending, endingOf } from './unbinding.ts'

export interface UnbinderDeps {
  readonly clock: Clock
  readonly vault: Vault
  readonly channels: readonly Channel[]
  /** Takes at most so many unbindings that are due. */
  readonly take: (now: number, most: number) => Promise<readonly DueUnbinding[]>
  readonly findCard: (unbinding: DueUnbinding) => Promise<CardToken | undefined>
  readonly postpone: (
    unbinding: DueUnbinding,
    until: { dueAt: number; networkCode: string | undefined },
  ) => Promise<void>
  readonly awaitCode: (unbinding: DueUnbinding, sent: CodeSent) => Promise<void>
  /** False when it has ended already. */
  readonly settle: (unbinding: DueUnbinding, ending: Ending, at: number) => Promise<boolean>
  /** Unbindings about which the network is asked at the same time. */
  readonly most: number
  /** Of one call, in milliseconds. */
  readonly timeoutMs: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** How long after its request an unbinding without a clear word has failed. */
  readonly giveUpMs: number
  readonly onSettled?: (unbinding: DueUnbinding, ending: Ending) => void
  readonly onFault: (error: unknown) => void
}

/**
 * Tells the network to forget the cards that were unbound, until it says a clear word or the time is up. No transaction is open
 * while it thinks, and whatever is asked twice is asked under the same number.
 */
export function openUnbinder(deps: UnbinderDeps): DueWork {
  return openDueWork({
    most: deps.most,
    take: (most) => deps.take(deps.clock.now(), most),
    work: (unbinding) => resolve(deps, unbinding),
    onFault: deps.onFault,
  })
}

async function resolve(deps: UnbinderDeps, unbinding: DueUnbinding): Promise<void> {
  const card = await deps.findCard(unbinding)
  // Another process has ended it since it was taken.
  if (card?.state !== (unbinding.isConfirmed ? 'active' : 'unbinding')) return
  const answer = await ask(deps, unbinding, card).catch((error: unknown) => unanswered(deps, error))
  const ending = endingOf(answer) ?? endingBy(deps, unbinding, answer)
  if (ending === undefined)
    return answer.kind === 'otp-sent' ? deps.awaitCode(unbinding, answer) : later(deps, unbinding, answer)
  const isEnded = await deps.settle(unbinding, ending, deps.clock.now())
  if (isEnded) deps.onSettled?.(unbinding, ending)
}

/** The time is up: of the code that the network still waits for, or of all patience. */
function endingBy(deps: UnbinderDeps, unbinding: DueUnbinding, answer: UnbindAnswer): Ending | undefined {
  const isDead =
    answer.kind === 'otp-sent' && deps.clock.now() >= codeEndsAt(unbinding, answer.otpExpiresAt) + GRACE_MS
  if (isDead) return { state: 'failed', reason: 'expired', outcome: 'otpLifetimeExpired' }
  return isOver(deps, unbinding) ? givenUp(answer) : undefined
}

function givenUp(answer: UnbindAnswer): Ending {
  const networkCode = codeOf(answer)
  return { state: 'failed', reason: 'no-answer', ...(networkCode !== undefined && { networkCode }) }
}

function codeOf(answer: UnbindAnswer): string | undefined {
  return 'networkCode' in answer ? answer.networkCode : undefined
}

/** A card that cannot be opened, or a channel that is not there any more, is given up in its time like a silent network. */
function unanswered(deps: UnbinderDeps, error: unknown): UnbindAnswer {
  deps.onFault(error)
  return { kind: 'unresolved', cause: 'never asked' }
}

async function ask(deps: UnbinderDeps, unbinding: DueUnbinding, card: CardToken): Promise<UnbindAnswer> {
  const wasAsked = unbinding.state === 'unresolved'
  return askToForget(deps, cardsOf(deps, unbinding), { unbinding, card, wasAsked })
}

function cardsOf({ channels }: UnbinderDeps, unbinding: DueUnbinding): Bindings {
  const cards = channelNamed(channels, unbinding.channel)?.bindings
  if (cards === undefined) throw new Error('No channel keeps the card that is to be unbound')
  return cards
}

function isOver({ clock, giveUpMs }: UnbinderDeps, { createdAt }: DueUnbinding): boolean {
  return clock.now() - createdAt >= giveUpMs
}

/** Twice as long as before. */
async function later(deps: UnbinderDeps, unbinding: DueUnbinding, answer: UnbindAnswer): Promise<void> {
  const pause = Math.min(deps.firstPauseMs * 2 ** (unbinding.tries - 1), deps.longestPauseMs)
  await deps.postpone(unbinding, { dueAt: deps.clock.now() + pause, networkCode: codeOf(answer) })
}
