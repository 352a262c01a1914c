import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Entry, verdictAt } from './entry.ts'
import type { Ledger } from './ledger.ts'

const LINES_A_CHUNK = 256

/** Streams the charges booked so far, one JSON line each, no faster than they are read. */
export function streamBook(ledger: Ledger, now: number, response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  // A reader that leaves in the middle ends the stream; there is nobody left to tell.
  pipeline(Readable.from(chunks(ledger, now), { objectMode: false }), response).catch(() =>
    response.destroy(),
  )
}

function* chunks(ledger: Ledger, now: number): Generator<string> {
  // What is booked while the stream runs may not be in the file yet, and belongs to the next book.
  const count = ledger.size
  let text = ''
  let seen = 0
  for (const entry of ledger.entries()) {
    if (seen === count) break
    seen += 1
    text += bookLine(entry, now)
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
