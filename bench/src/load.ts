import type { Merchant, Source } from './merchant.ts'
import { firstMessage, type Part } from './processes.ts'

export interface LoadOrder {
  readonly url: string
  readonly merchant: Merchant
  readonly accessToken: string
  /** Who is charged, in turn. */
  readonly sources: readonly Source[]
  readonly connections: number
  readonly warmUpMs: number
  readonly measuredMs: number
  /** Payments signed before the first is sent; should they not do, the rest is signed on the way. */
  readonly payments: number
  /** False: the same requests over and over, for a server that does not look at them. */
  readonly isDistinct: boolean
  /** Process trees whose CPU is measured, by name. */
  readonly roots: Readonly<Record<string, number | undefined>>
  /** Takes a line `referenceNo partnerReferenceNo` for each payment answered as successful. */
  readonly answersFile: string | undefined
}

export interface LoadReport {
  readonly measuredMs: number
  /** Successful answers within the measured time. */
  readonly answered: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMs: Readonly<Record<string, number>>
  readonly machineMs: number
  /** Answers of the whole round that were not successful, by response code or fault. */
  readonly refusals: Readonly<Record<string, number>>
  readonly lateSigned: number
}

/** Lets the generator's process put the load on a server and measure it. */
export function putLoad(generator: Part, order: LoadOrder): Promise<LoadReport> {
  const report = firstMessage<LoadReport>(generator.child)
  generator.child.send(order)
  return report
}
