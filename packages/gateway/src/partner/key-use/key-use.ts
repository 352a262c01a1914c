import type { Clock } from '../../clock.ts'
import type { Sql } from '../../database/pool.ts'
import { type Use, writeUses } from './store.ts'

/** When keys were last used, to the minute. Noting costs a request nothing: it is written later, and not by the request. */
export interface KeyUse {
  note(partnerId: string, keyId: string): void
  /** Writes what was noted since the last time. What cannot be written is noted again. */
  write(sql: Sql): Promise<void>
}

const MINUTE_MS = 60_000
const MOST_KEPT = 20_000

export function openKeyUse(clock: Clock): KeyUse {
  const known = new Map<string, number>()
  let waiting = new Map<string, Use>()
  return {
    note(partnerId, keyId) {
      const key = `${partnerId} ${keyId}`
      const at = clock.now()
      const minute = Math.floor(at / MINUTE_MS)
      if (known.get(key) === minute) return
      if (known.size >= MOST_KEPT) known.clear()
      known.set(key, minute)
      waiting.set(key, { partnerId, keyId, at })
    },
    async write(sql) {
      if (waiting.size === 0) return
      const uses = waiting
      waiting = new Map()
      try {
        await writeUses(sql, [...uses.values()])
      } catch (error) {
        waiting = new Map([...uses, ...waiting])
        throw error
      }
    },
  }
}
