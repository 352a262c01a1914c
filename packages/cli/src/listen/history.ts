import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { masked, type Received } from './received.ts'

/** What came, in a file that outlives the listener: one JSON line for each, without the tokens of cards. */
export interface History {
  /** How often the news of that id has come before. */
  deliveriesOf(id: string): number
  keep(received: Received): void
}

export function openHistory(file: string): History {
  const deliveries = new Map<string, number>()
  const count = (id: string) => deliveries.set(id, (deliveries.get(id) ?? 0) + 1)
  for (const id of idsIn(file)) count(id)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  return {
    deliveriesOf: (id) => deliveries.get(id) ?? 0,
    keep(received) {
      const { notification, at, ...rest } = received
      if (notification !== undefined) count(notification.id)
      const line = {
        at: formatTimestamp(at),
        id: notification?.id,
        type: notification?.type,
        status: notification?.status,
        ...rest,
        body: masked(notification?.body),
      }
      appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 })
    },
  }
}

function idsIn(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [, id] = /^\{"at":"[^"]*","id":"([^"]+)"/.exec(line) ?? []
    return id === undefined ? [] : [id]
  })
}
