import assert from 'node:assert/strict'
import { type Answer, aPayment, type CallChanges, type Merchant, newId } from './merchant.ts'

export const REFUND_PATH = '/direct-debit/core/v1/debit/refund'

export function aRefund(originalPartnerReferenceNo: string, value = '10000.00', changes: object = {}) {
  return {
    originalPartnerReferenceNo,
    partnerRefundNo: `REF-${newId()}`,
    refundAmount: { value, currency: 'IDR' },
    additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    ...changes,
  }
}

/** A merchant gives money back, from an address of documentation. */
export function refund(merchant: Merchant, body: object | string, more: CallChanges = {}): Promise<Answer> {
  return merchant.call(REFUND_PATH, body, {
    ...more,
    headers: { 'X-IP-ADDRESS': '203.0.113.7', ...more.headers },
  })
}

/** Pays, and returns under which reference. */
export async function aPaidOne(
  merchant: Merchant,
  value = '10000.00',
  more: CallChanges = {},
): Promise<string> {
  const { partnerReferenceNo } = aPayment()
  const answer = await merchant.pay({ partnerReferenceNo, amount: { value, currency: 'IDR' } }, more)
  assert.equal(answer.body.responseCode, '2005400')
  return partnerReferenceNo
}
