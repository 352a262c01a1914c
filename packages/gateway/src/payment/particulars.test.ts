import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PaymentBody } from '@gerbang/snap'
import { particularsOf } from './particulars.ts'

function kept(lineItems: readonly object[]) {
  const additionalInfo = { lineItems } as NonNullable<PaymentBody['additionalInfo']>
  const body: PaymentBody = {
    partnerReferenceNo: 'INV-1',
    amount: { value: '1.00', currency: 'IDR' },
    additionalInfo,
  }
  return JSON.parse(particularsOf({ body, headers: {} }, { confirmBy: 0 }) ?? '{}').lineItems
}

test('what looks like a card number is masked, be it a text, a number or a name, and the rest stays JSON', () => {
  assert.deepEqual(
    kept([{ name: 'paid with 9360000220000000037', price: 936000022000000000, '9360000220000000037': 1 }]),
    [{ name: 'paid with 9360[masked]', price: '9360[masked]', '9360[masked]': 1 }],
  )
  assert.deepEqual(kept([{ name: 'Kopi', price: 15000.5, quantity: 2 }]), [
    { name: 'Kopi', price: 15000.5, quantity: 2 },
  ])
})
