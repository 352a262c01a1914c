import type { ServerResponse } from 'node:http'
import { streamLines } from '../book.ts'
import type { Ledger } from '../ledger.ts'
import type { Bank } from './banks.ts'
import type { BankCharge, BankRefund } from './records.ts'

/** Streams a bank's charges and then its refunds, one JSON line each. */
export function streamBankBook(ledger: Ledger, { slug }: Bank, response: ServerResponse) {
  streamLines(linesOf(ledger, slug), response)
}

function* linesOf(ledger: Ledger, slug: string): Generator<string> {
  for (const charge of ledger.kept.bankCharge.values()) {
    if (charge.bank === slug) yield lineOf('charge', charge)
  }
  for (const refund of ledger.kept.bankRefund.values()) {
    if (refund.bank === slug) yield lineOf('refund', refund)
  }
}

function lineOf(kind: string, booked: BankCharge | BankRefund): string {
  const { referenceNo, merchantReferenceNo, merchantId, verdict, amount, networkReferenceNo, at } = booked
  const line = {
    kind,
    referenceNo,
    ...('originalReferenceNo' in booked ? { originalReferenceNo: booked.originalReferenceNo } : {}),
    merchantReferenceNo,
    merchantId,
    status: verdict.status,
    resultCode: verdict.resultCode,
    amount: { value: amount, currency: 'IDR' },
    networkReferenceNo,
    at: new Date(at).toISOString(),
  }
  return `${JSON.stringify(line)}\n`
}
