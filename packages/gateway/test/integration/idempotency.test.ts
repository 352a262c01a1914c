import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { aPayment, type Merchant, newId, now, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let standard: Merchant
before(async () => {
  stage = await openStage()
  standard = await stage.addMerchant('snap')
})
after(() => stage.close())

const CONFLICT = { responseCode: '4095400', responseMessage: 'Conflict' }
const DUPLICATE = { responseCode: '4095401', responseMessage: 'Duplicate partnerReferenceNo' }
const INCONSISTENT = { responseCode: '4045418', responseMessage: 'Inconsistent Request' }
const OTHER_CARD = '9360000200000200019'

async function countOf(partnerReferenceNo: string): Promise<number> {
  const rows = await stage.query('select 1 from payments where partner_reference_no = $1', [
    partnerReferenceNo,
  ])
  return rows.length
}

test('the same request again is answered with HTTP 409 and the stored body to the letter, however often', async () => {
  const body = aPayment()
  const externalId = newId()
  const first = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  for (const again of [1, 2, 3]) {
    const second = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
    assert.equal(second.status, 409, String(again))
    assert.equal(second.text, first.text)
  }
  assert.equal(await countOf(body.partnerReferenceNo), 1)
})

test('the same request in another print is the same request', async () => {
  const body = aPayment()
  const externalId = newId()
  const first = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  const pretty = JSON.stringify(body, null, 2)
  const second = await stage.merchant.call(PAYMENT_PATH, pretty, { externalId })
  assert.deepEqual([second.status, second.text], [409, first.text])
})

test('a declined payment is repeated to the letter too', async () => {
  const body = aPayment({ otp: '22220005' })
  const externalId = newId()
  const first = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  assert.equal(first.body.responseCode, '4035414')
  const second = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
  assert.deepEqual([second.status, second.text], [409, first.text])
})

test('a partner of the standard’s profile gets a bare conflict', async () => {
  const body = aPayment()
  const externalId = newId()
  assert.equal((await standard.call(PAYMENT_PATH, body, { externalId })).status, 200)
  const second = await standard.call(PAYMENT_PATH, body, { externalId })
  assert.equal(second.status, 409)
  assert.deepEqual(second.body, CONFLICT)
})

const OTHER_BODIES = {
  'another one-time token': { otp: '22220000' },
  'another amount': { amount: { value: '10000.01', currency: 'IDR' } },
  'another reference': { partnerReferenceNo: 'INV-another' },
  'another card': { chargeToken: OTHER_CARD },
  'another spelling of the channel': { additionalInfo: { channel: 'KKI_SNAP' } },
  'one member more': { remarks: 'x' },
}
for (const [kind, change] of Object.entries(OTHER_BODIES))
  test(`the same external id with ${kind} is a conflict and moves nothing`, async () => {
    const body = aPayment()
    const externalId = newId()
    const first = await stage.merchant.call(PAYMENT_PATH, body, { externalId })
    assert.equal(first.status, 200)
    const size = stage.simulator.size()
    const second = await stage.merchant.call(PAYMENT_PATH, { ...body, ...change }, { externalId })
    assert.equal(second.status, 409)
    assert.deepEqual(second.body, CONFLICT)
    assert.equal(stage.simulator.size(), size)
  })

test('two partners may use the same external id and the same reference', async () => {
  const body = aPayment()
  const externalId = newId()
  const other = await stage.addMerchant()
  assert.equal((await stage.merchant.call(PAYMENT_PATH, body, { externalId })).status, 200)
  assert.equal((await other.call(PAYMENT_PATH, body, { externalId })).status, 200)
})

test('a request that is refused before the claim does not use up its external id', async () => {
  const externalId = newId()
  const refused = [
    { otp: '1' },
    { amount: { value: '0.00', currency: 'IDR' } },
    { additionalInfo: { channel: 'NONE' } },
    { bankCardToken: 'a'.repeat(32) },
  ]
  for (const change of refused)
    assert.ok((await stage.merchant.call(PAYMENT_PATH, aPayment(change), { externalId })).status >= 400)
  assert.equal((await stage.merchant.pay({}, { externalId, headers: { 'X-SIGNATURE': 'AAAA' } })).status, 401)
  assert.equal((await stage.merchant.pay({}, { externalId })).status, 200)
})

test('a duplicate reference does not use up the external id that brought it', async () => {
  const body = aPayment()
  await stage.merchant.call(PAYMENT_PATH, body)
  const externalId = newId()
  assert.deepEqual((await stage.merchant.call(PAYMENT_PATH, body, { externalId })).body, DUPLICATE)
  assert.equal((await stage.merchant.pay({}, { externalId })).status, 200)
})

const SAME_CONTENT = {
  'the same words': {},
  'another one-time token': { otp: '22220000' },
  'an alias of the channel': { additionalInfo: { channel: 'kki_snap' } },
  'no channel': { additionalInfo: undefined },
}
for (const [kind, change] of Object.entries(SAME_CONTENT))
  test(`a paid reference under a new external id with ${kind} is a duplicate`, async () => {
    const body = aPayment()
    assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).status, 200)
    const second = await stage.merchant.call(PAYMENT_PATH, { ...body, ...change })
    assert.equal(second.status, 409)
    assert.deepEqual(second.body, DUPLICATE)
    assert.equal(await countOf(body.partnerReferenceNo), 1)
  })

for (const [kind, change] of Object.entries({
  'another amount': { amount: { value: '10000.01', currency: 'IDR' } },
  'another card': { chargeToken: OTHER_CARD },
}))
  test(`a paid reference under a new external id with ${kind} is inconsistent`, async () => {
    const body = aPayment()
    assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).status, 200)
    const second = await stage.merchant.call(PAYMENT_PATH, { ...body, ...change })
    assert.equal(second.status, 404)
    assert.deepEqual(second.body, INCONSISTENT)
    assert.equal(await countOf(body.partnerReferenceNo), 1)
  })

test('a reference that waits for its cardholder is a duplicate as well', async () => {
  const body = aPayment({ otp: '10000000' })
  assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).status, 202)
  assert.deepEqual((await stage.merchant.call(PAYMENT_PATH, body)).body, DUPLICATE)
})

test('a failed attempt frees its reference for another, even of another amount', async () => {
  const { partnerReferenceNo } = aPayment()
  const fails = await stage.merchant.pay({ partnerReferenceNo, otp: '22220003' })
  assert.equal(fails.body.responseCode, '4045415')
  const amount = { value: '20000.00', currency: 'IDR' }
  assert.equal((await stage.merchant.pay({ partnerReferenceNo, amount })).status, 200)
  assert.equal(await countOf(partnerReferenceNo), 2)
})

test('an external id counts for one day of Jakarta: at midnight there it is free again', async () => {
  const midnight = Date.parse('2031-03-04T00:00:00+07:00')
  let time = midnight - 2_000
  const clock = { ...systemClock, now: () => time }
  const { url } = await stage.openAnother({ clock })
  const merchant = await stage.addMerchant()
  const at = () => now(time - Date.now())
  const { accessToken } = (await merchant.askToken({ baseUrl: url, timestamp: at() })).body
  const externalId = newId()
  const pay = (body: object) =>
    merchant.call(PAYMENT_PATH, body, { baseUrl: url, timestamp: at(), token: accessToken, externalId })

  // The simulator's clock is the real one, so the expiry of 2031 is far away for it.
  const body = aPayment()
  assert.equal((await pay(body)).status, 200)
  time = midnight - 1
  assert.equal((await pay(body)).status, 409)
  time = midnight
  assert.deepEqual((await pay(body)).body, DUPLICATE)
  assert.equal((await pay(aPayment())).status, 200)
  const rows = await stage.query<{ day: string }>(
    'select request_date::text as day from request_ids where external_id = $1 order by 1',
    [externalId],
  )
  assert.deepEqual(rows, [{ day: '2031-03-03' }, { day: '2031-03-04' }])
})
