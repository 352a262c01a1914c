import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PaymentOrder } from '../src/index.ts'
import { answer, clientOf, ORDER, openStandIn } from './gateway-stand-in.ts'

const TOKEN = { partnerReferenceNo: 'INV-1', amount: '10000.00', bankCardToken: 'a'.repeat(32) } as const
const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'

test('each of the four payments sends what makes it that payment, and nothing of another one', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2005400')]
  const client = clientOf(gateway)
  const { chargeToken, otp } = ORDER
  const { bankCardToken } = TOKEN
  const variants: [PaymentOrder, object, object][] = [
    [ORDER, { chargeToken, otp }, {}],
    [{ ...ORDER, keepCard: true }, { chargeToken, otp }, { isBindAndPay: 'Y' }],
    [TOKEN, { bankCardToken }, {}],
    [{ ...TOKEN, otp, deviceId: 'dev-1' }, { bankCardToken, otp }, { deviceId: 'dev-1' }],
    [{ ...TOKEN, recurring: true }, { bankCardToken }, { paymentType: 'RECURRING' }],
  ]
  for (const [order, means, more] of variants) {
    await client.pay(order)
    assert.deepEqual(JSON.parse(gateway.seen.at(-1)?.raw ?? ''), {
      partnerReferenceNo: 'INV-1',
      amount: { value: '10000.00', currency: 'IDR' },
      ...means,
      additionalInfo: { channel: CHANNEL, ...more },
    })
  }
  assert.deepEqual(gateway.faults, [])
})

test('customer, line items and the address of the notification are sent under their names', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2005400')]
  await clientOf(gateway).pay({
    ...ORDER,
    customer: { customerId: 'C1', customerName: 'Budi é', postalCode: '12190' },
    lineItems: [{ name: 'Kopi', price: 500_000n, quantity: 2 }],
    remarks: 'pagi',
    overrideNotificationUrl: 'https://shop.test/notify',
    customerToken: 'customer-1',
  })
  const [seen] = gateway.seen
  assert.deepEqual(JSON.parse(seen?.raw ?? '').additionalInfo, {
    channel: CHANNEL,
    customer: { customerId: 'C1', customerName: 'Budi é', postalCode: '12190' },
    lineItems: [{ name: 'Kopi', price: '5000.00', quantity: 2 }],
    remarks: 'pagi',
    overrideNotificationUrl: 'https://shop.test/notify',
  })
  assert.equal(seen?.headers['authorization-customer'], 'Bearer customer-1')
})

test('a payment that is two payments at once is refused before it is sent', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const wrong: [object, string][] = [
    [{ ...TOKEN, keepCard: true }, 'keepCard'],
    [{ ...ORDER, recurring: true }, 'recurring'],
    [{ ...TOKEN, bankCardToken: '' }, 'bankCardToken'],
    [{ ...TOKEN, otp: '1' }, 'otp'],
    [{ ...ORDER, lineItems: [{ name: 'x', price: '1', quantity: 1 }] }, 'lineItems.0.price'],
    [{ ...ORDER, lineItems: [{ name: 'x', price: '1.00', quantity: 0 }] }, 'lineItems.0.quantity'],
    [{ partnerReferenceNo: 'INV-1', amount: '1.00' }, 'chargeToken'],
  ]
  for (const [order, field] of wrong) {
    await assert.rejects(client.pay(order as PaymentOrder), { name: 'ValidationError', field })
  }
  assert.equal(gateway.seen.length, 0)
})
