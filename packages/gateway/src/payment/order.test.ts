import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { inspect } from 'node:util'
import type { PaymentBody } from '@gerbang/snap'
import { openChannels } from '../channels/index.ts'
import { Secret } from '../secret.ts'
import { openVault } from '../vault/vault.ts'
import { newReferenceNo, takeOrder } from './order.ts'

const CARD = '9360000200000200001'
const body: PaymentBody = {
  partnerReferenceNo: 'INV-1',
  chargeToken: CARD,
  otp: '12345678',
  amount: { value: '10000.00', currency: 'IDR' },
}
const deps = {
  vault: openVault([{ id: 'k1', key: new Secret(randomBytes(32)) }], new Secret(randomBytes(32))),
  channels: openChannels({
    opened: ['kki'],
    network: { url: 'http://127.0.0.1:1', key: undefined, connections: 1 },
    urls: {},
  }),
  newReferenceNo,
  networkExpiryMs: 30_000,
  confirmMs: 300_000,
  debitConfirmMs: 900_000,
  jumpAppMs: 900_000,
  jumpAppLongestMs: 3_600_000,
  allowsPrivateHosts: false,
}
const claimant = { partnerId: 'BRN-1', profile: 'doku', externalId: 'EXT-1' } as const
const take = (changes: Partial<PaymentBody> = {}, partnerId = 'BRN-1') =>
  takeOrder(deps, { ...claimant, partnerId }, { body: { ...body, ...changes }, headers: {} }, 1_000).order

test('an order tells the network all it needs and until when it may book', () => {
  const { instruction, payment, issuerNumber } = take()
  assert.equal(instruction.referenceNo, payment.referenceNo)
  assert.equal(instruction.merchantId, 'BRN-1')
  assert.equal(instruction.amountMinor, 1_000_000n)
  assert.equal(instruction.expiresAt, 31_000)
  assert.equal(issuerNumber, '93600002')
})

test('neither the card number nor the one-time token is to be seen in an order', () => {
  const order = take()
  const print = inspect(order, { depth: 9, showHidden: true })
  assert.ok(!print.includes(CARD) && !print.includes('12345678'))
  assert.equal(deps.vault.open(order.cardSealed ?? '', `BRN-1|${order.payment.referenceNo}|card`), CARD)
})

test('the fingerprint has 32 bytes and is the same for the same request', () => {
  assert.equal(take().fingerprint.length, 32)
  assert.deepEqual(take().fingerprint, take().fingerprint)
})

test('another one-time token, amount or member makes another fingerprint', () => {
  const others = [
    take({ otp: '87654321' }),
    take({ amount: { value: '10000.01', currency: 'IDR' } }),
    take({ additionalInfo: { channel: 'KKI_SNAP' } }),
  ]
  for (const { fingerprint } of others) assert.notDeepEqual(fingerprint, take().fingerprint)
})

test('no more than two bytes of the fingerprint depend on the one-time token', () => {
  const first = take().fingerprint
  const second = take({ otp: '87654321' }).fingerprint
  assert.deepEqual(first.subarray(0, 30), second.subarray(0, 30))
})

test('the look-up of a card is the partner’s own', () => {
  assert.deepEqual(take().cardLookup, take({ partnerReferenceNo: 'INV-2' }).cardLookup)
  assert.notDeepEqual(take().cardLookup, take({}, 'BRN-2').cardLookup)
})

test('a reference number has 32 digits, begins with the time of Jakarta and grows with it', () => {
  const at = Date.parse('2026-05-26T23:59:59.999+07:00')
  assert.match(newReferenceNo(at), /^20260526235959999\d{15}$/)
  let earlier = newReferenceNo(at)
  for (let later = 1; later <= 1_000; later++) {
    const next = newReferenceNo(at + later)
    assert.ok(next > earlier)
    earlier = next
  }
})

test('reference numbers of one millisecond are different', () => {
  const many = Array.from({ length: 10_000 }, () => newReferenceNo(0))
  assert.equal(new Set(many).size, many.length)
})
