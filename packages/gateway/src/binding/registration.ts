import type { BindingAnswer, Bindings } from '../channels/channel.ts'
import type { Clock } from '../clock.ts'
import type { Database, Sql } from '../database/pool.ts'
import type { StoredReply } from '../reply.ts'
import { keepSealed } from '../request-id/sealed-reply.ts'
import type { Binding, BindingName } from './binding.ts'
import { claimBinding } from './claim.ts'
import type { BindOrder } from './order.ts'
import { otp, type ResendDeps } from './otp.ts'
import { bindReply } from './replies.ts'
import { bindRequest, book, type SettleDeps, type Settled, settleBind } from './settle.ts'
import { isAsked, isLost } from './states.ts'

export interface BindDeps extends ResendDeps {
  readonly clock: Clock
  readonly transaction: Database['transaction']
  readonly openPage: (sql: Sql, binding: Binding) => Promise<void>
  readonly networkTimeoutMs: number
  readonly onFault: (error: unknown) => void
}

export interface BindAnswer {
  readonly reply: StoredReply
  readonly state: string
  /** Why the answer of the network could not be booked, or contradicts what is. */
  readonly fault?: unknown
}

/**
 * Services 01 and 07: a card or an account is to be kept. The claim is committed before the network hears of the binding, and no transaction is open while the network
 * thinks: a crash on any line leaves a row that the loop can finish. Throws the SnapErrors of the claim.
 */
export async function register(deps: BindDeps, order: BindOrder): Promise<BindAnswer> {
  const { binding, cards } = order
  const claimed = await deps.transaction((sql) =>
    claimBinding(
      sql,
      { vault: deps.vault, openPage: deps.openPage, callOff: (sql, old) => callOff(sql, deps, old) },
      order,
    ),
  )
  if (claimed.kind === 'replay') return { reply: claimed.reply, state: 'replay' }
  for (const old of claimed.superseded) tellCancelled(deps, cards, old)

  const answer = await ask(deps, order)
  const settled = await settleBind(deps, binding, answer).catch((fault): Settled => ({ binding, fault }))
  // Another request took its place while the network was asked, and nobody will use this code.
  if (isLost(settled.binding.state) && ASKING.has(answer.kind)) tellCancelled(deps, cards, binding)
  await askForCode(deps, settled.binding)
  const { state } = settled.binding
  return {
    reply: bindReply(deps, settled.binding),
    state,
    ...('fault' in settled && { fault: settled.fault }),
  }
}

/** Where the customer acts on our page, we ask for the code that is sent to nobody unasked; if that fails, the page has a button. */
async function askForCode(deps: BindDeps, { flow, state, ...name }: Binding): Promise<void> {
  if (flow === 'DH' && state === 'otp_wanted') await otp(deps, { name }).catch(deps.onFault)
}

const ASKING: ReadonlySet<BindingAnswer['kind']> = new Set(['otp-wanted', 'otp-sent', 'pin-wanted'])

/** A process that was held up since its claim must not ask for what the loop may have given up meanwhile. */
async function ask(deps: BindDeps, { binding, cards, instruction }: BindOrder): Promise<BindingAnswer> {
  if (deps.clock.now() >= binding.expiresAt)
    return { kind: 'unresolved', cause: 'expired before it was sent' }
  return cards.bind(instruction, deps.networkTimeoutMs)
}

/** Calls a pending binding off, within the transaction of whoever holds its lock. */
export async function callOff(sql: Sql, deps: SettleDeps, before: Binding): Promise<Binding> {
  const verdict = { state: 'cancelled', outcome: 'transactionCancelled', networkCode: undefined } as const
  const binding = await book(sql, deps, { before, verdict, now: deps.clock.now() })
  // Whoever asked for it and has no answer yet is told so, also when its process has died.
  if (isAsked(before.state)) await keepSealed(sql, deps.vault, bindRequest(binding), bindReply(deps, binding))
  return binding
}

/** As a courtesy, and not waited for: a code that nobody can use any more dies of itself. */
export function tellCancelled(
  deps: Pick<BindDeps, 'networkTimeoutMs' | 'onFault'>,
  cards: Pick<Bindings, 'cancelBinding'>,
  { referenceNo }: BindingName,
): void {
  cards.cancelBinding(referenceNo, deps.networkTimeoutMs).catch(deps.onFault)
}
