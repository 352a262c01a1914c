import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openLedgerNetwork } from '../ledger-network.ts'
import { type Answer, type Merchant, newId } from '../merchant.ts'
import { assertRefundBooks } from '../refund-books.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'

const network = openLedgerNetwork()
let stage: Stage
let standard: Merchant
before(async () => {
  // Nobody asks what became of a refund while this file looks at it.
  const env = { GERBANG_FIRST_INQUIRY_MS: '3600000' }
  stage = await openStage({ env, seams: { channels: [network.channel] } })
  standard = await stage.addMerchant('snap')
})
after(() => stage.close())

const CONFLICT = { responseCode: '4090700', responseMessage: 'Conflict' }
const DUPLICATE = { responseCode: '4090701', responseMessage: 'Duplicate partnerReferenceNo' }
const INCONSISTENT = { responseCode: '4040718', responseMessage: 'Inconsistent Request' }

for (const [manner, code] of [
  ['refunds', '2000700'],
  ['declines', '4030705'],
  ['lost', '2020700'],
] as const)
  test(`the same request again is answered with HTTP 409 and the stored ${code} to the letter, however often`, async () => {
    const body = aRefund(await aPaidOne(stage.merchant))
    network.set(manner, body.partnerRefundNo)
    const externalId = newId()
    const first = await refund(stage.merchant, body, { externalId })
    assert.equal(first.body.responseCode, code)
    const size = network.refunds.size
    for (const again of [1, 2, 3]) {
      const { status, text } = await refund(stage.merchant, body, { externalId })
      assert.deepEqual([status, text], [409, first.text], String(again))
    }
    assert.equal(network.refunds.size, size)
  })

test('a partner of the standard’s profile gets a bare conflict', async () => {
  const body = aRefund(await aPaidOne(standard))
  const externalId = newId()
  assert.equal((await refund(standard, body, { externalId })).body.responseCode, '2005800')
  assert.deepEqual((await refund(standard, body, { externalId })).body, {
    responseCode: '4095800',
    responseMessage: 'Conflict',
  })
})

for (const [kind, change] of Object.entries({
  'another amount': { refundAmount: { value: '1.00', currency: 'IDR' } },
  'another number': { partnerRefundNo: 'REF-another' },
  'another reason': { reason: 'x' },
  'another original, which nobody knows': { originalPartnerReferenceNo: 'INV-unknown' },
  'a member that is malformed': { reason: 'r'.repeat(300) },
}))
  test(`the same external id with ${kind} is a conflict and moves nothing`, async () => {
    const body = aRefund(await aPaidOne(stage.merchant), '10.00')
    const externalId = newId()
    assert.equal((await refund(stage.merchant, body, { externalId })).status, 200)
    const size = network.refunds.size
    assert.deepEqual((await refund(stage.merchant, { ...body, ...change }, { externalId })).body, CONFLICT)
    assert.equal(network.refunds.size, size)
  })

test('an external id that a payment used is free for a refund', async () => {
  const externalId = newId()
  const paid = await aPaidOne(stage.merchant, '10000.00', { externalId })
  assert.equal((await refund(stage.merchant, aRefund(paid), { externalId })).status, 200)
})

test('two partners may use the same partnerRefundNo', async () => {
  const other = await stage.addMerchant()
  const partnerRefundNo = `REF-${newId()}`
  for (const merchant of [stage.merchant, other]) {
    const body = aRefund(await aPaidOne(merchant), '1.00', { partnerRefundNo })
    assert.equal((await refund(merchant, body)).status, 200)
  }
})

for (const [manner, state] of [
  ['refunds', 'done'],
  ['lost', 'in progress'],
  ['refunds-later', 'acknowledged'],
] as const)
  test(`a partnerRefundNo that is ${state} is a duplicate with the same content and inconsistent with other content`, async () => {
    const paid = await aPaidOne(stage.merchant)
    const body = aRefund(paid)
    network.set(manner, body.partnerRefundNo)
    assert.ok((await refund(stage.merchant, body)).status < 300)
    for (const same of [{}, { reason: 'another remark' }, { additionalInfo: { channel: 'KKI_SNAP' } }])
      assert.deepEqual((await refund(stage.merchant, { ...body, ...same })).body, DUPLICATE)
    const amount = { refundAmount: { value: '9999.99', currency: 'IDR' } }
    const original = { originalPartnerReferenceNo: await aPaidOne(stage.merchant) }
    for (const otherwise of [amount, original])
      assert.deepEqual((await refund(stage.merchant, { ...body, ...otherwise })).body, INCONSISTENT)
    const rows = await stage.query('select 1 from refunds where partner_refund_no = $1', [
      body.partnerRefundNo,
    ])
    assert.equal(rows.length, 1)
  })

test('a refund that failed keeps its partnerRefundNo: not even the same content may have it again', async () => {
  const paid = await aPaidOne(stage.merchant)
  const body = aRefund(paid)
  network.set('declines', body.partnerRefundNo)
  assert.equal((await refund(stage.merchant, body)).body.responseCode, '4030705')
  network.set('refunds', body.partnerRefundNo)
  assert.deepEqual((await refund(stage.merchant, body)).body, INCONSISTENT)
  assert.equal((await refund(stage.merchant, { ...body, partnerRefundNo: `REF-${newId()}` })).status, 200)
})

test('a duplicate does not use up the external id that brought it', async () => {
  const paid = await aPaidOne(stage.merchant)
  const body = aRefund(paid, '1.00')
  await refund(stage.merchant, body)
  const externalId = newId()
  assert.deepEqual((await refund(stage.merchant, body, { externalId })).body, DUPLICATE)
  assert.equal((await refund(stage.merchant, aRefund(paid, '1.00'), { externalId })).status, 200)
})

function counts(answers: readonly Answer[]): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { body } of answers) sums[body.responseCode] = (sums[body.responseCode] ?? 0) + 1
  return sums
}

test('one request sent forty times at once to two gateways is one refund', async () => {
  const { url } = await stage.openAnother({ channels: [network.channel] })
  const paid = await aPaidOne(stage.merchant)
  const body = aRefund(paid, '1.00')
  const externalId = newId()
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) =>
      refund(stage.merchant, body, { externalId, ...(n % 2 === 0 && { baseUrl: url }) }),
    ),
  )
  const winners = answers.filter(({ status }) => status === 200)
  assert.equal(winners.length, 1, JSON.stringify(counts(answers)))
  for (const { status, text } of answers.filter((answer) => answer !== winners[0])) {
    assert.equal(status, 409)
    assert.ok(text === winners[0]?.text || text === JSON.stringify(CONFLICT), text)
  }
  const given = [...network.refunds.values()].filter(
    ({ originalReferenceNo }) => originalReferenceNo === winners[0]?.body.originalReferenceNo,
  )
  assert.equal(given.length, 1)
})

test('one partnerRefundNo under forty external ids at once is one refund', async () => {
  const { url } = await stage.openAnother({ channels: [network.channel] })
  const body = aRefund(await aPaidOne(stage.merchant), '1.00')
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, n) => refund(stage.merchant, body, n % 2 === 0 ? { baseUrl: url } : {})),
  )
  assert.deepEqual(counts(answers), { 2000700: 1, 4090701: 39 })
})

test('after all that our books agree with themselves', () => assertRefundBooks(stage))
