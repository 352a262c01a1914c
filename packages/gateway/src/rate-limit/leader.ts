import type { Worker } from 'node:cluster'
import { type Grant, type Lend, openBuckets, type Wish } from './bucket.ts'

/** A leading process that does not answer must not keep partners from paying. */
const PATIENCE_MS = 500

/** What a worker sends to the leading process. */
export interface LoanQuestion {
  readonly wish: Wish & { readonly no: number }
}

interface Answer {
  readonly grant: Grant & { readonly no: number }
}

/** For a worker: tokens of the buckets that the leading process keeps for all. Call it once in a process. */
export function borrowFromLeader(): Lend {
  const waiting = new Map<number, (grant: Grant) => void>()
  let asked = 0
  process.on('message', ({ grant }: Partial<Answer>) => {
    if (grant !== undefined) waiting.get(grant.no)?.(grant)
  })
  return (wish) => {
    const no = ++asked
    const question: LoanQuestion = { wish: { ...wish, no } }
    return new Promise<Grant>((resolve) => {
      const settle = (grant: Grant) => {
        clearTimeout(patience)
        waiting.delete(no)
        resolve(grant)
      }
      const patience = setTimeout(() => settle({ tokens: wish.most, waitMs: 0 }), PATIENCE_MS)
      waiting.set(no, settle)
      process.send?.(question, undefined, undefined, (error) => {
        if (error) settle({ tokens: wish.most, waitMs: 0 })
      })
    })
  }
}

/** For the leading process: what answers the workers that ask. Call it once. */
export function openLending(): (worker: Worker, message: Partial<LoanQuestion>) => void {
  const lend = openBuckets(() => performance.now())
  return (worker, { wish }) => {
    if (wish === undefined || !worker.isConnected()) return
    const answer: Answer = { grant: { ...lend(wish), no: wish.no } }
    worker.send(answer)
  }
}
