import type { CardPattern } from './nines.ts'
import type { KeptLine } from './record.ts'
import { type ChargeStatus, type Resolving, type Verdict, verdictOf } from './verdict.ts'

/** One booked charge. A million of them live in memory, so every repeated word is one shared string. */
export interface Entry extends Resolving {
  readonly referenceNo: string
  readonly merchantReferenceNo: string
  readonly merchantId: string
  /** First six and last four digits. */
  readonly maskedCard: string
  /** Stands for the card where its limit is counted; empty when it has none. */
  readonly accountId: string
  readonly amount: string
  readonly networkReferenceNo: string
  /** Epoch milliseconds of the booking. */
  readonly at: number
  verdict: Verdict
  resolveAt: number
  readonly becomes: Verdict
  readonly particulars: Particulars | undefined
}

/** What only few charges have. */
export interface Particulars {
  /** Of a charge with tokenise: the network token once it is approved, or empty when the cardholder refuses. */
  readonly linking?: string
  /** What the card's digits ask of a refund. */
  readonly refundPattern?: CardPattern
}

const SHARED = new Map<string, string>()
const MOST_SHARED = 100_000

function shared(text: string): string {
  const known = SHARED.get(text)
  if (known !== undefined) return known
  if (SHARED.size < MOST_SHARED) SHARED.set(text, text)
  return text
}

/** `936000******0001`, whatever the length. */
export function maskCard(cardNumber: string): string {
  return shared(`${cardNumber.slice(0, 6)}******${cardNumber.slice(-4)}`)
}

/** The same entry with its repeated words shared. */
export function compact(entry: Entry): Entry {
  return {
    ...entry,
    merchantId: shared(entry.merchantId),
    maskedCard: shared(entry.maskedCard),
    accountId: shared(entry.accountId),
    amount: shared(entry.amount),
  }
}

interface BookedLine {
  r: string
  m: string
  p: string
  c: string
  i: string
  a: string
  n: string
  t: number
  s: ChargeStatus
  k: string
  /** Present together: when it resolves, and to what. */
  u?: number
  v?: ChargeStatus
  w?: string
  l?: string
  f?: CardPattern
}

interface ResolvedLine {
  /** The reference of a charge booked above. */
  o: string
  t: number
  s: ChargeStatus
  k: string
}

export type LedgerLine =
  | { kind: 'booked'; entry: Entry }
  | { kind: 'kept'; kept: KeptLine }
  | { kind: 'resolved'; referenceNo: string; verdict: Verdict }

export function bookedLine(entry: Entry): string {
  const line: BookedLine = {
    r: entry.referenceNo,
    m: entry.merchantReferenceNo,
    p: entry.merchantId,
    c: entry.maskedCard,
    i: entry.accountId,
    a: entry.amount,
    n: entry.networkReferenceNo,
    t: entry.at,
    s: entry.verdict.status,
    k: entry.verdict.resultCode,
  }
  if (entry.resolveAt > 0) {
    line.u = entry.resolveAt
    line.v = entry.becomes.status
    line.w = entry.becomes.resultCode
  }
  if (entry.particulars?.linking !== undefined) line.l = entry.particulars.linking
  if (entry.particulars?.refundPattern) line.f = entry.particulars.refundPattern
  return `${JSON.stringify(line)}\n`
}

export function resolvedLine(referenceNo: string, verdict: Verdict, at: number): string {
  const line: ResolvedLine = { o: referenceNo, t: at, s: verdict.status, k: verdict.resultCode }
  return `${JSON.stringify(line)}\n`
}

/** Reads a line that this file wrote. @throws SyntaxError on a torn one */
export function parseLine(text: string): LedgerLine {
  const line = JSON.parse(text) as BookedLine | ResolvedLine | KeptLine
  if ('y' in line) return { kind: 'kept', kept: line }
  const verdict = verdictOf(line.s, line.k)
  if ('o' in line) return { kind: 'resolved', referenceNo: line.o, verdict }
  const entry = compact({
    referenceNo: line.r,
    merchantReferenceNo: line.m,
    merchantId: line.p,
    maskedCard: line.c,
    accountId: line.i,
    amount: line.a,
    networkReferenceNo: line.n,
    at: line.t,
    verdict,
    resolveAt: line.u ?? 0,
    becomes: line.v === undefined || line.w === undefined ? verdict : verdictOf(line.v, line.w),
    particulars: line.l === undefined && line.f === undefined ? undefined : particularsOf(line),
  })
  return { kind: 'booked', entry }
}

function particularsOf({ l, f }: BookedLine): Particulars {
  return { ...(l === undefined ? {} : { linking: l }), ...(f === undefined ? {} : { refundPattern: f }) }
}
