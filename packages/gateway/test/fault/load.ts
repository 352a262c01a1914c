import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import type { Stage } from '../stage.ts'
import type { Told } from './books.ts'

export interface Load {
  /** Takes no new payments, waits for those under way and returns what was told. */
  end(): Promise<readonly (Told & { readonly ms: number })[]>
}

/** Payments without a pause, `atOnce` of them under way, until ended. */
export function startLoad(stage: Stage, atOnce = 6, body: () => object = aPayment): Load {
  let isEnding = false
  const told: (Told & { ms: number })[] = []
  const client = async () => {
    while (!isEnding) {
      const externalId = newId()
      const since = performance.now()
      const answer: Answer = await stage.merchant.call(PAYMENT_PATH, body(), { externalId })
      told.push({ externalId, answer, ms: performance.now() - since })
    }
  }
  const clients = Array.from({ length: atOnce }, client)
  return {
    async end() {
      isEnding = true
      await Promise.all(clients)
      return told
    },
  }
}

export function codesOf(told: readonly Told[]): readonly string[] {
  return [...new Set(told.map(({ answer }) => String(answer.body.responseCode)))].sort()
}
