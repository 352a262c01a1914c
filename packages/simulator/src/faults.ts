import type { Fault, Next, Operation, Outage } from './contract.ts'

/** How long `late` and `slow` take when nothing is said: past a 25 s deadline, and well inside it. */
const DELAY_MS: Partial<Record<Fault, number>> = { late: 30_000, slow: 2_000 }

export interface NextFault {
  readonly fault: Fault | undefined
  readonly caseCode: string | undefined
  readonly delayMs: number
}

/** What a call can be told by. */
export interface FaultNames {
  readonly referenceNo: string
  readonly merchantReferenceNo?: string
  readonly merchantId?: string
}

export interface Faults {
  queue(next: Next): void
  /** The first queued fault that matches the call, used up once. */
  take(operation: Operation, names: FaultNames): NextFault | undefined
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
    take(operation, names) {
      if (queued.length === 0) return undefined
      const found = queued.find(({ next }) => matches(next.match, operation, names))
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

function matches(match: Next['match'], operation: Operation, names: FaultNames): boolean {
  if ((match?.operation ?? 'charge') !== operation) return false
  const { referenceNo, merchantReferenceNo, merchantId } = match ?? {}
  return (
    (referenceNo === undefined || referenceNo === names.referenceNo) &&
    (merchantReferenceNo === undefined || merchantReferenceNo === names.merchantReferenceNo) &&
    (merchantId === undefined || merchantId === names.merchantId)
  )
}
