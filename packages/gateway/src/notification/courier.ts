import { authCodeOf } from '../binding/auth-code.ts'
import type { Clock } from '../clock.ts'
import type { Sql } from '../database/pool.ts'
import type { Recipient, Recipients } from '../partner/recipient.ts'
import type { Vault } from '../vault/vault.ts'
import { ENDPOINT_LENGTH, endpointOf, overridden, tokenUrlOf, urlFor } from './address.ts'
import { type AttemptDeps, attemptDelivery, type Parcel } from './attempt.ts'
import { bindingBody, paymentBody } from './body.ts'
import { PostClosed } from './post.ts'
import type { Outcome } from './queue/ending.ts'
import type { EndingsWriter } from './queue/endings-writer.ts'
import { isAnythingDue, type Taken, takeDue } from './queue/store.ts'
import { findSubjects } from './subjects/store.ts'
import type { NotifiedAccount, Subjects } from './subjects/subject.ts'

export interface CourierDeps {
  readonly clock: Clock
  readonly sql: Sql
  readonly vault: Pick<Vault, 'digest'>
  readonly recipients: Recipients
  /** What a channel is called and counts as. */
  readonly profileOf: (
    channel: string,
  ) => { readonly acquirer: string; readonly accountType: string } | undefined
  /** The access token of a partner's customer that ends then, in epoch milliseconds, as it was issued. */
  readonly customerTokenOf: (
    account: { readonly partnerId: string; readonly accountId: string },
    expiresAt: number,
  ) => Promise<string>
  readonly attempt: AttemptDeps
  readonly endings: EndingsWriter
  /** Notifications under way at the same time, and of one endpoint. */
  readonly atOnce: number
  readonly endpointAtOnce: number
  readonly leaseMs: number
  /** How long it waits at most before it looks again. */
  readonly everyMs: number
  readonly onOutcome: (taken: Taken, outcome: Outcome) => void
  readonly onFault: (error: unknown) => void
}

export interface Courier {
  /** Sends what is due until nothing more is, and does not wait for the last answers. Rejects when nothing can be taken. */
  pass(signal: AbortSignal): Promise<void>
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>
}

const LONGEST_REVISIT_MS = 15_000
/** What could not even be tried, because something of ours is broken, is looked at again after this time. */
const FAULT_PAUSE_MS = 30_000
/** No endpoint gets more than this part of the places that are free: slow ones must not fill them all. */
const SHARE = 4

/** Brings notifications to their partners, a few to each endpoint at a time. */
export function openCourier(deps: CourierDeps): Courier {
  const running = new Map<Taken, Promise<void>>()
  let freed = 0
  let onFree = () => {}

  async function carry(taken: Taken, subjects: Subjects): Promise<void> {
    const outcome = await outcomeOf(deps, taken, subjects).catch((error) => releasedBy(deps, error))
    await deps.endings.write({ taken, outcome })
    deps.onOutcome(taken, outcome)
  }

  function start(taken: Taken, subjects: Subjects): void {
    const work = carry(taken, subjects)
      .catch(deps.onFault)
      .finally(() => {
        running.delete(taken)
        freed++
        onFree()
      })
    running.set(taken, work)
  }

  /** Whether there may be more as soon as a place is free. */
  async function fill(free: number): Promise<boolean> {
    const perEndpoint = Math.max(1, Math.min(deps.endpointAtOnce, Math.floor(free / SHARE)))
    const endpoints = Math.max(1, Math.floor(free / perEndpoint))
    const busy = busyEndpoints(running.keys())
    const { taken, isMore } = await takeDue(deps.sql, deps.clock.now(), {
      endpoints,
      perEndpoint,
      busy,
      leaseMs: deps.leaseMs,
      revisitMs: Math.min(LONGEST_REVISIT_MS, deps.leaseMs),
    })
    const subjects = await findSubjects(deps.sql, keysOf(taken))
    for (const one of taken) start(one, subjects)
    const isFull = busy.some((one) => one.running >= perEndpoint)
    return isMore || isFull || new Set(taken.map(endpointKey)).size >= endpoints
  }

  return {
    async pass(signal) {
      if (!(await isAnythingDue(deps.sql, deps.clock.now()))) return
      while (!signal.aborted) {
        const before = freed
        const free = deps.atOnce - running.size
        if (free > 0 && !(await fill(free))) return
        const isFreed = new Promise<void>((resolve) => {
          onFree = resolve
        })
        if (freed === before) await Promise.race([isFreed, deps.clock.sleep(deps.everyMs)])
      }
    },
    async idle() {
      await Promise.all(running.values())
    },
  }
}

function releasedBy({ onFault }: CourierDeps, error: unknown): Outcome {
  if (error instanceof PostClosed) return { kind: 'released', pauseMs: 0 }
  onFault(error)
  return { kind: 'released', pauseMs: FAULT_PAUSE_MS }
}

async function outcomeOf(deps: CourierDeps, taken: Taken, subjects: Subjects): Promise<Outcome> {
  const parcel = await parcelOf(deps, taken, subjects)
  if ('kind' in parcel) return parcel
  const startedAt = deps.clock.now()
  const begin = performance.now()
  const attempted = await attemptDelivery(deps.attempt, parcel)
  return { kind: 'attempted', attempted, url: parcel.url, startedAt, latencyMs: performance.now() - begin }
}

async function parcelOf(deps: CourierDeps, taken: Taken, subjects: Subjects): Promise<Parcel | Outcome> {
  const recipient = await deps.recipients.find(taken.partnerId)
  const letter = recipient && writtenFor(deps, taken, { subjects, recipient })
  if (recipient === undefined || letter === undefined)
    return { kind: 'impossible', reason: 'the body cannot be written' }
  const { written, channel, particulars, account } = letter
  const own = urlFor(recipient.urls, {
    channel,
    purpose: taken.kind === 'binding' ? 'binding' : 'notification',
  })
  if (own === undefined) return { kind: 'impossible', reason: 'the partner has no URL any more' }
  const url = overridden(own, particulars.notificationUrl)
  const endpoint = endpointOf(url)
  // No row holds it, and it would take the endings of others along that are written with its own.
  if (endpoint.length > ENDPOINT_LENGTH) return { kind: 'impossible', reason: 'the URL cannot be read' }
  if (endpoint !== taken.endpoint) return { kind: 'moved', url, endpoint }
  const isOfRequest = endpoint !== endpointOf(own)
  const customer = await customerFor(deps, recipient, account)
  return { recipient, channel, url, isOfRequest, written, device: particulars, customer }
}

/** The token that the partner holds, also when it has expired: it says whose payment it is, and a partner may know it by no other. */
async function customerFor(
  { customerTokenOf }: CourierDeps,
  { partnerId, customerToken }: Recipient,
  account: NotifiedAccount | undefined,
): Promise<Parcel['customer']> {
  if (account === undefined || customerToken === 'none') return undefined
  if (customerToken === 'merchantB2B') return customerToken
  const { accountId, tokenEndsAt } = account
  if (tokenEndsAt === undefined) return undefined
  return { token: await customerTokenOf({ partnerId, accountId }, tokenEndsAt) }
}

/** Undefined when the rows do not give what has to be told; whatever is wrong with one is no other's harm. */
function writtenFor(
  deps: CourierDeps,
  taken: Taken,
  { subjects, recipient }: { readonly subjects: Subjects; readonly recipient: Recipient },
) {
  const { payments, bindings } = subjects
  const key = `${taken.partnerId}|${taken.subjectNo}`
  // The gateway's key signs for all partners: without a name one could pass on to another what it was told itself.
  const addresseeOf = (channel: string) =>
    tokenUrlOf(recipient, channel) === undefined ? taken.partnerId : undefined
  try {
    const binding = bindings.get(key)
    if (taken.kind === 'binding') {
      if (binding === undefined) return undefined
      const authCode = authCodeOf(deps.vault, { ...binding, partnerId: taken.partnerId })
      const written = bindingBody(binding, authCode, addresseeOf(binding.channel))
      return { written, channel: binding.channel, particulars: {}, account: undefined }
    }
    const payment = payments.get(key)
    if (payment === undefined) return undefined
    const written = paymentBody(payment, {
      isRefunded: taken.kind === 'refund',
      isCancelled: taken.kind === 'cancellation',
      acquirerId: deps.profileOf(payment.channel)?.acquirer,
      accountType: deps.profileOf(payment.channel)?.accountType,
      addressee: addresseeOf(payment.channel),
    })
    const { channel, particulars, account } = payment
    return { written, channel, particulars, account }
  } catch (error) {
    deps.onFault(error)
    return undefined
  }
}

function keysOf(taken: readonly Taken[]) {
  return {
    payments: taken.filter(({ kind }) => kind !== 'binding'),
    bindings: taken.filter(({ kind }) => kind === 'binding'),
  }
}

function busyEndpoints(running: Iterable<Taken>) {
  const counts = new Map<string, { partnerId: string; endpoint: string; running: number }>()
  for (const taken of running) {
    const { partnerId, endpoint } = taken
    const known = counts.get(endpointKey(taken)) ?? { partnerId, endpoint, running: 0 }
    known.running++
    counts.set(endpointKey(taken), known)
  }
  return [...counts.values()]
}

function endpointKey({ partnerId, endpoint }: Taken): string {
  return `${partnerId} ${endpoint}`
}
