import type { Database, Sql } from '../database/pool.ts'
import { type ReadEvent, readOutbox } from '../outbox/reader.ts'
import { type PartnerUrl, type Purpose, urlsOf } from '../partner/recipient.ts'
import { ENDPOINT_LENGTH, endpointOf, overridden, urlFor } from './address.ts'
import { findChannels, insertNotifications } from './store.ts'

export const READER = 'notifications'

export type NotificationKind = 'payment' | 'refund' | 'binding' | 'cancellation'

interface Told {
  readonly kind: NotificationKind
  readonly purpose: Purpose
  /** The number of the payment or binding that the event is about, or null when it is nothing to tell; throws when unreadable. */
  readonly subjectOf: (event: ReadEvent) => string | null
}

const NUMBER = /^[\x21-\x7e]{1,32}$/

const BINDING: Told = { kind: 'binding', purpose: 'binding', subjectOf: ({ referenceNo }) => referenceNo }

/** What partners are told of; every other event is none of theirs. */
const TOLD: Readonly<Record<string, Told>> = {
  'payment.settled.v1': {
    kind: 'payment',
    purpose: 'notification',
    subjectOf: ({ referenceNo }) => referenceNo,
  },
  'refund.settled.v1': {
    kind: 'refund',
    purpose: 'notification',
    subjectOf: ({ body }) => {
      const { isFullyRefunded, originalReferenceNo } = membersOf(body)
      if (isFullyRefunded !== true) return null
      if (typeof originalReferenceNo !== 'string' || !NUMBER.test(originalReferenceNo)) throw new Unreadable()
      return originalReferenceNo
    },
  },
  'payment.cancelled.v1': {
    kind: 'cancellation',
    purpose: 'notification',
    subjectOf: ({ body }) => {
      const { originalReferenceNo } = membersOf(body)
      if (typeof originalReferenceNo !== 'string' || !NUMBER.test(originalReferenceNo)) throw new Unreadable()
      return originalReferenceNo
    },
  },
  'card.binding.completed.v1': BINDING,
  'card.binding.failed.v1': BINDING,
  'account.binding.completed.v1': BINDING,
  'account.binding.failed.v1': BINDING,
}

/** A row to be written: without a URL it is given up, for the reason that it names. */
export interface Draft {
  readonly partnerId: string
  readonly referenceNo: string
  readonly sequence: number
  readonly kind: NotificationKind
  readonly subjectNo: string
  readonly url: string | null
  readonly endpoint: string | null
  readonly reason: string | null
}

/** What is looked up of a subject to find its URL. */
export interface SubjectChannel {
  readonly partnerId: string
  readonly subjectNo: string
  readonly channel: string
  /** The URL that the payment asked for. */
  readonly override: unknown
}

export interface RelayOptions {
  readonly database: Database
  readonly now: () => number
  /** Events in one transaction, about. */
  readonly most: number
  readonly onQuarantined: (draft: Draft) => void
}

class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

/**
 * Turns what is new in the outbox into notifications, for partners who have a URL for it. One that cannot be read is written down as
 * given up, and those after it go on. Returns how many events were passed.
 */
export async function relay(options: RelayOptions, signal: AbortSignal): Promise<number> {
  let passed = 0
  while (!signal.aborted) {
    const quarantined: Draft[] = []
    const reading = await options.database.transaction((sql) =>
      readOutbox(sql, { reader: READER, types: Object.keys(TOLD), most: options.most }, async (events) => {
        const drafts = await draftsOf(sql, events)
        quarantined.push(...drafts.filter(({ reason }) => reason !== null))
        await insertNotifications(sql, drafts, options.now())
      }),
    )
    for (const draft of quarantined) options.onQuarantined(draft)
    passed += reading.passed
    if (reading.passed < options.most) break
  }
  return passed
}

async function draftsOf(sql: Sql, events: readonly ReadEvent[]): Promise<readonly Draft[]> {
  const found = events.flatMap((event) => {
    const told = TOLD[event.type]
    const subjectNo = told === undefined ? null : attempt(() => told.subjectOf(event))
    return told === undefined || subjectNo === null ? [] : [{ event, told, subjectNo }]
  })
  const urls = await urlsOf(sql, [...new Set(found.map(({ event }) => event.partnerId))])
  const channels = await findChannels(
    sql,
    found.map(({ event, told, subjectNo }) => ({
      partnerId: event.partnerId,
      subjectNo: subjectNo ?? '',
      isBinding: told.kind === 'binding',
    })),
  )
  const channelOf = new Map(channels.map((one) => [`${one.partnerId}|${one.subjectNo}`, one]))
  return found.flatMap(({ event, told, subjectNo }) => {
    const channel = channelOf.get(`${event.partnerId}|${subjectNo}`)
    const address = addressOf(urls.get(event.partnerId) ?? [], told, channel)
    if (address === undefined) return []
    const { partnerId, referenceNo, sequence } = event
    const draft = { partnerId, referenceNo, sequence, kind: told.kind, subjectNo: subjectNo ?? referenceNo }
    return [{ ...draft, ...address }]
  })
}

/** Undefined when the partner has no URL for it, and so was never to be told. */
function addressOf(
  urls: readonly PartnerUrl[],
  { purpose, kind }: Told,
  channel: SubjectChannel | undefined,
): Pick<Draft, 'url' | 'endpoint' | 'reason'> | undefined {
  const own = urlFor(urls, { channel: channel?.channel ?? '', purpose })
  if (own === undefined) return undefined
  if (channel === undefined) return { url: null, endpoint: null, reason: 'the event cannot be read' }
  const url = kind === 'binding' ? own : overridden(own, channel.override)
  const endpoint = attempt(() => endpointOf(url))
  if (endpoint === undefined || endpoint.length > ENDPOINT_LENGTH)
    return { url: null, endpoint: null, reason: 'the URL cannot be read' }
  return { url, endpoint, reason: null }
}

function membersOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body !== 'object' || body === null) throw new Unreadable()
  return body as Readonly<Record<string, unknown>>
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
