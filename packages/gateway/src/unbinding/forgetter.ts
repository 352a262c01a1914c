import { type DueSurplus, openSurplus } from '../card-token/surplus/surplus-token.ts'
import type { Bindings, Channel, UnbindAnswer } from '../channels/channel.ts'
import { channelNamed } from '../channels/index.ts'
import type { Clock } from '../clock.ts'
import { type DueWork, openDueWork } from '../due-work.ts'
import type { Vault } from '../vault/vault.ts'
import { type Ending, endingOf, isPassing } from './unbinding.ts'

export interface ForgetterDeps {
  readonly clock: Clock
  readonly vault: Vault
  readonly channels: readonly Channel[]
  /** Takes at most so many tokens that are due. */
  readonly take: (now: number, most: number) => Promise<readonly DueSurplus[]>
  /** Whether a payment under way may have been sent with the token. */
  readonly isPaying: (token: DueSurplus) => Promise<boolean>
  readonly postpone: (token: DueSurplus, delay: Delay) => Promise<void>
  /** False when it has ended already. */
  readonly end: (token: DueSurplus, ending: Ending, at: number) => Promise<boolean>
  /** True for the one of all processes that is to tell of it, once. */
  readonly claimAlert: (token: DueSurplus, at: number) => Promise<boolean>
  /** Tokens about which the network is asked at the same time. */
  readonly most: number
  /** Of one call, in milliseconds. */
  readonly timeoutMs: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  /** After how long without a clear word somebody is told. */
  readonly alertMs: number
  readonly onEnded: (token: DueSurplus, ending: Ending) => void
  readonly onSilence: (token: DueSurplus) => void
  readonly onFault: (error: unknown) => void
}

export interface Delay {
  /** Epoch milliseconds. */
  readonly dueAt: number
  readonly isAsked: boolean
  readonly networkCode?: string | undefined
}

/**
 * Tells the network to forget the tokens that no kept card is paid with, until it says a clear word: it is never given up. No
 * transaction is open while it thinks, and whatever is asked twice is asked under the same number.
 */
export function openForgetter(deps: ForgetterDeps): DueWork {
  return openDueWork({
    most: deps.most,
    take: (most) => deps.take(deps.clock.now(), most),
    work: (token) => resolve(deps, token),
    onFault: deps.onFault,
  })
}

async function resolve(deps: ForgetterDeps, token: DueSurplus): Promise<void> {
  if (token.state === 'requested' && (await deps.isPaying(token))) return later(deps, token, undefined)
  const answer = await ask(deps, token).catch((error: unknown): UnbindAnswer => {
    deps.onFault(error)
    return { kind: 'unresolved', cause: 'never asked' }
  })
  const ending = endingOf(answer)
  if (ending === undefined) return later(deps, token, answer)
  if (await deps.end(token, ending, deps.clock.now())) deps.onEnded(token, ending)
}

async function ask(deps: ForgetterDeps, token: DueSurplus): Promise<UnbindAnswer> {
  const { referenceNo, partnerId: merchantId, state } = token
  const bindings = bindingsOf(deps, token)
  if (state === 'unresolved') {
    const known = await bindings.inquireUnbinding(referenceNo, deps.timeoutMs)
    if (known.kind !== 'not-found' && !isPassing(known)) return known
  }
  const networkToken = openSurplus(deps.vault, token)
  return bindings.unbind({ referenceNo, merchantId, networkToken }, deps.timeoutMs)
}

function bindingsOf({ channels }: ForgetterDeps, { channel }: DueSurplus): Bindings {
  const bindings = channelNamed(channels, channel)?.bindings
  if (bindings === undefined) throw new Error('No channel knows the token that is to be forgotten')
  return bindings
}

/** Twice as long as before. `answer`: undefined while nobody has asked. */
async function later(
  deps: ForgetterDeps,
  token: DueSurplus,
  answer: UnbindAnswer | undefined,
): Promise<void> {
  const now = deps.clock.now()
  const pause = Math.min(deps.firstPauseMs * 2 ** (token.tries - 1), deps.longestPauseMs)
  const networkCode = answer && 'networkCode' in answer ? answer.networkCode : undefined
  await deps.postpone(token, { dueAt: now + pause, isAsked: answer !== undefined, networkCode })
  const isOverdue = now - token.wantedAt >= deps.alertMs
  if (isOverdue && (await deps.claimAlert(token, now))) deps.onSilence(token)
}
