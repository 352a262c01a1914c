import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Entry } from './entry.ts'
import type { Ledger } from './ledger.ts'
import type { Refund } from './record.ts'
import { verdictAt } from './verdict.ts'

const LINES_A_CHUNK = 256

/** Streams the charges booked so far, one JSON line each, no faster than they are read. */
export function streamBook(ledger: Ledger, now: number, response: ServerResponse) {
  const booked = { count: ledger.size, all: ledger.entries() }
  streamLines(
    chunks(booked, (entry) => bookLine(entry, now)),
    response,
  )
}

/** The same for the refunds. */
export function streamRefunds(ledger: Ledger, now: number, response: ServerResponse) {
  const refunds = ledger.kept.refund
  const booked = { count: refunds.size, all: refunds.values() }
  streamLines(
    chunks(booked, (refund) => refundLine(refund, now)),
    response,
  )
}

/** Sends JSON lines no faster than they are read. */
export function streamLines(lines: Generator<string>, response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  // A reader that leaves in the middle ends the stream; there is nobody left to tell.
  pipeline(Readable.from(lines, { objectMode: false }), response).catch(() => response.destroy())
}

function* chunks<Booked>(
  booked: { readonly count: number; readonly all: IterableIterator<Booked> },
  lineOf: (booked: Booked) => string,
): Generator<string> {
  let text = ''
  let seen = 0
  for (const one of booked.all) {
    // What is booked while the stream runs may not be in the file yet, and belongs to the next book.
    if (seen === booked.count) break
    seen += 1
    text += lineOf(one)
    if (seen % LINES_A_CHUNK === 0) {
      yield text
      text = ''
    }
  }
  if (text !== '') yield text
}

function bookLine(entry: Entry, now: number): string {
  const { status, resultCode } = verdictAt(entry, now)
  const line = {
    referenceNo: entry.referenceNo,
    merchantReferenceNo: entry.merchantReferenceNo,
    merchantId: entry.merchantId,
    status,
    resultCode,
    amount: { value: entry.amount, currency: 'IDR' },
    cardNumber: entry.maskedCard,
    networkReferenceNo: entry.networkReferenceNo,
    at: new Date(entry.at).toISOString(),
  }
  return `${JSON.stringify(line)}\n`
}

function refundLine(refund: Refund, now: number): string {
  const { status, resultCode } = verdictAt(refund, now)
  const line = {
    referenceNo: refund.referenceNo,
    originalReferenceNo: refund.originalReferenceNo,
    merchantReferenceNo: refund.merchantReferenceNo,
    merchantId: refund.merchantId,
    status,
    resultCode,
    amount: { value: refund.amount, currency: 'IDR' },
    networkReferenceNo: refund.networkReferenceNo,
    at: new Date(refund.at).toISOString(),
  }
  return `${JSON.stringify(line)}\n`
}
