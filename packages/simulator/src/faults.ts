import type { ChargeBody, Fault, Next, Outage } from './contract.ts'

/** How long `late` and `slow` take when nothing is said: past a 25 s deadline, and well inside it. */
const DELAY_MS: Partial<Record<Fault, number>> = { late: 30_000, slow: 2_000 }

export interface NextFault {
  readonly fault: Fault | undefined
  readonly caseCode: string | undefined
  readonly delayMs: number
}

export interface Faults {
  queue(next: Next): void
  /** The first queued fault that matches the charge, used up once. */
  take(body: ChargeBody): NextFault | undefined
  /** Faults not yet used up. */
  waiting(): number
  clear(): void
  outage: Outage
}

export function openFaults(): Faults {
  let queued: { readonly next: Next; left: number }[] = []
  return {
    outage: 'up',
    queue: (next) => void queued.push({ next, left: next.times ?? 1 }),
    take(body) {
      if (queued.length === 0) return undefined
      const found = queued.find(({ next }) => matches(next.match, body))
      if (!found) return undefined
      found.left -= 1
      if (found.left === 0) queued = queued.filter((other) => other !== found)
      const { fault, delayMs } = found.next
      return { fault, caseCode: found.next.case, delayMs: delayMs ?? (fault ? (DELAY_MS[fault] ?? 0) : 0) }
    },
    waiting: () => queued.reduce((total, { left }) => total + left, 0),
    clear() {
      queued = []
    },
  }
}

function matches(match: Next['match'], body: ChargeBody): boolean {
  if (!match) return true
  const { referenceNo, merchantReferenceNo, merchantId } = match
  return (
    (referenceNo === undefined || referenceNo === body.referenceNo) &&
    (merchantReferenceNo === undefined || merchantReferenceNo === body.merchantReferenceNo) &&
    (merchantId === undefined || merchantId === body.merchantId)
  )
}
