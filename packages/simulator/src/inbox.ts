import type { InboxMessage } from './contract-cards.ts'

/** Which messages are meant; what is not said does not matter. */
export interface InboxFilter {
  readonly phone?: string
  readonly referenceNo?: string
}

/** The telephones of all cardholders, in memory only. */
export interface Inbox {
  put(message: Omit<InboxMessage, 'at'>): void
  /** Newest first. */
  list(filter: InboxFilter): InboxMessage[]
  /** Hands over the next message, or the newest that came at `sinceMs` or later. Returns how to stop waiting. */
  wait(filter: InboxFilter, sinceMs: number | undefined, take: (message: InboxMessage) => void): () => void
}

const MOST_MESSAGES = 10_000

export function openInbox(now: () => number): Inbox {
  let messages: InboxMessage[] = []
  const waiting = new Set<(message: InboxMessage) => void>()

  const list = (filter: InboxFilter) => messages.filter((message) => isMeant(filter, message)).reverse()

  return {
    put(names) {
      const message = { at: new Date(now()).toISOString(), ...names }
      messages.push(message)
      if (messages.length > MOST_MESSAGES) messages = messages.slice(-MOST_MESSAGES / 2)
      for (const tell of [...waiting]) tell(message)
    },
    list,
    wait(filter, sinceMs, take) {
      const [newest] = sinceMs === undefined ? [] : list(filter)
      if (newest && Date.parse(newest.at) >= (sinceMs ?? 0)) {
        take(newest)
        return () => {}
      }
      const tell = (message: InboxMessage) => {
        if (!isMeant(filter, message)) return
        waiting.delete(tell)
        take(message)
      }
      waiting.add(tell)
      return () => void waiting.delete(tell)
    },
  }
}

function isMeant({ phone, referenceNo }: InboxFilter, message: InboxMessage): boolean {
  return (
    (phone === undefined || phone === message.phone) &&
    (referenceNo === undefined || referenceNo === message.referenceNo)
  )
}
