import type { Asking } from '../../channels/channel.ts'
import type { Database, Sql } from '../../database/pool.ts'
import { keepSealed, openReply, sealReply } from '../../request-id/sealed-reply.ts'
import type { Vault } from '../../vault/vault.ts'
import type { OpenPayment } from '../payment.ts'
import { isFinal } from '../states.ts'
import { type Settled, type Settlement, settleWithin } from '../store.ts'
import { writeJourney } from './journeys/store.ts'
import { standingOutcome } from './outcome.ts'
import { paymentReply, verificationReply } from './replies.ts'
import type { PaymentName, SteppedPayment } from './stepped.ts'
import { findAskers, findStepped, forgetPins, writeAsked } from './store.ts'

export { lockStepped as lockPayment, lookAfter } from './store.ts'

export interface StepDeps extends Pick<Database, 'transaction'> {
  readonly vault: Vault
  /** The address of a payment's hosted page. */
  readonly pageUrl: (payment: PaymentName) => string
  /** Makes that page known, in the transaction that makes the payment wait. */
  readonly openPage: (sql: Sql, payment: OpenPayment) => Promise<void>
}

/** Settles a payment of a bank or wallet, and keeps what its customer has to do in the same commit. Safe to repeat. */
export function settleStepped(deps: StepDeps, settlement: Settlement): Promise<Settled> {
  return deps.transaction((sql) => settleSteppedWithin(sql, deps, settlement))
}

/** The same within a transaction of the caller's. */
export async function settleSteppedWithin(
  sql: Sql,
  deps: StepDeps,
  settlement: Settlement,
): Promise<Settled & { readonly applied: boolean }> {
  const { payment, verdict, now } = settlement
  const before = await findStepped(sql, payment)
  if (before === undefined) throw new Error('A payment is settled that was never claimed')
  const way = wayOf(deps, before, verdict.asking)
  const reply = paymentReply(payment, verdict, way)
  const stored = way === undefined ? reply : sealReply(deps.vault, requestOf(payment), reply)
  const settled = await settleWithin(sql, { ...settlement, reply: stored })
  if (!settled.applied) {
    const stands = settled.reply && openReply(deps.vault, requestOf(payment), settled.reply)
    const isCalledOff = (await findStepped(sql, payment))?.isCancelling ?? false
    return { ...settled, reply: stands, isCalledOff }
  }
  // Not before the payment is locked: two that settle it would wait for each other.
  if (before.journeyId !== undefined) await writeJourney(sql, payment, before.journeyId)
  if (verdict.asking !== undefined) await learn(sql, deps, { payment, asking: verdict.asking, now })
  if (isFinal(verdict.state)) await answerAskers(sql, deps, payment)
  return { ...settled, reply }
}

function requestOf({ partnerId, externalId }: OpenPayment) {
  return { partnerId, externalId, operation: 'payment-host-to-host' } as const
}

/** The longest address of a network's own page, as networks are read: whatever is kept of it has room for it. */
const WAY_MAX = 2048

/** Where the customer goes: the network's own page, or ours for whoever is not met by the partner. */
function wayOf(
  deps: StepDeps,
  { partnerId, referenceNo, variant, visiting, step }: SteppedPayment,
  asking: Asking | undefined,
): string | undefined {
  if (visiting.flow !== 'DH' || (step === undefined && asking === undefined)) return undefined
  // The first that was told stays.
  const own = openWay(deps, { partnerId, referenceNo }, step?.redirectSealed) ?? asking?.redirectUrl
  if (own !== undefined && own.length <= WAY_MAX) return own
  return variant === 'V3' ? deps.pageUrl({ partnerId, referenceNo }) : undefined
}

/** A page that no key opens any more is told to nobody, and keeps no payment from being settled. */
function openWay({ vault }: StepDeps, name: PaymentName, sealed: string | undefined): string | undefined {
  try {
    return sealed === undefined ? undefined : vault.open(sealed, redirectContext(name))
  } catch {
    return undefined
  }
}

/** What the address of a network's own page is sealed with. */
export function redirectContext({ partnerId, referenceNo }: PaymentName): string {
  return `${partnerId}|${referenceNo}|redirect`
}

/** Keeps what the network says of the step that it waits for. `now` in epoch milliseconds. */
export async function learn(
  sql: Sql,
  deps: StepDeps,
  { payment, asking, now }: { payment: OpenPayment; asking: Asking; now: number },
): Promise<void> {
  const { step, otpExpiresAt, redirectUrl } = asking
  const isNew = await writeAsked(sql, payment, {
    now,
    step,
    otpSentAt: otpExpiresAt === undefined ? undefined : now,
    otpExpiresAt,
    redirectSealed:
      redirectUrl === undefined || redirectUrl.length > WAY_MAX
        ? undefined
        : deps.vault.seal(redirectUrl, redirectContext(payment)),
  })
  if (isNew && payment.variant === 'V3') await deps.openPage(sql, payment)
}

/** Whoever tried a code and was left without a clear answer finds it when asking again. */
async function answerAskers(sql: Sql, { vault }: StepDeps, payment: OpenPayment): Promise<void> {
  const askers = await findAskers(sql, payment)
  await forgetPins(sql, payment)
  const standing = askers.length === 0 ? undefined : await findStepped(sql, payment)
  if (standing === undefined) return
  const reply = verificationReply(standing, standingOutcome(standing))
  const { partnerId } = payment
  for (const { externalId, triedAt: claimedAt } of askers)
    await keepSealed(sql, vault, { partnerId, operation: 'otp-verification', externalId, claimedAt }, reply)
}
