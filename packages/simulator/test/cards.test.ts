import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { aDirectory, aSimulator, CARD, LOAD_CARD, rupiah } from './rig.ts'

const SUCCESS_CARDS = [
  '9360000200000200001',
  '9360000800000200008',
  '9360011000000200002',
  '9360011100000200000',
  '9360012900000200002',
]

test('every shipped account pays, DOKU’s sample cards and the bad-Luhn twins too', async (t) => {
  const simulator = await aSimulator(t)
  const accounts = (await simulator.control('GET', '/accounts')).body as unknown as { cardNumber: string }[]
  const cards = accounts.map(({ cardNumber }) => cardNumber)
  for (const card of [...SUCCESS_CARDS, '9360001609987000000', '9360001609987000003'])
    assert.ok(cards.includes(card))
  for (const cardNumber of cards)
    assert.equal((await simulator.charge({ cardNumber })).body.status, 'approved')
})

test('an unknown card, an issuer that is not in KKI and an unknown issuer are told apart', async (t) => {
  const simulator = await aSimulator(t)
  const code = async (cardNumber: string) => (await simulator.charge({ cardNumber })).body.resultCode
  assert.equal(await code('9360000220000009996'), '14')
  assert.equal(await code('9360001420000000001'), 'X40403')
  assert.equal(await code('9360123420000000001'), '15')
})

test('a card spends up to its limit and not a cent more, and anew after midnight in Jakarta', async (t) => {
  const simulator = await aSimulator(t)
  const pay = async (value: string) => (await simulator.charge({ amount: rupiah(value) })).body.resultCode
  assert.equal(await pay('50000000.01'), '51')
  assert.equal(await pay('49999999.99'), '00')
  assert.equal(await pay('0.02'), '51')
  assert.equal(await pay('0.01'), '00')
  assert.equal(await pay('0.01'), '51')
  // It is ten in the morning; midnight is fourteen hours away.
  simulator.advance(14 * 3_600_000 - 1)
  assert.equal(await pay('0.01'), '51')
  simulator.advance(1)
  assert.equal(await pay('50000000.00'), '00')
})

test('the limit survives a restart, and what was declined or reversed is free again', async (t) => {
  const simulator = await aSimulator(t)
  const pay = async (value: string, oneTimeToken = '12345678') =>
    (await simulator.charge({ amount: rupiah(value), oneTimeToken })).body.resultCode
  assert.equal(await pay('30000000.00'), '00')
  assert.equal(await pay('20000000.00', '20000060'), 'W0')
  assert.equal(await pay('1.00'), '51')
  await simulator.restart()
  assert.equal(await pay('1.00'), '51')
  simulator.advance(60_000)
  assert.equal(await pay('20000000.00'), '00')
  assert.equal(await pay('1.00'), '51')
})

test('a hundred charges at once never pass the limit together', async (t) => {
  const simulator = await aSimulator(t)
  const replies = await Promise.all(
    Array.from({ length: 100 }, () => simulator.charge({ amount: rupiah('1000000.00') })),
  )
  assert.equal(replies.filter(({ body }) => body.status === 'approved').length, 50)
})

test('the card for load tests has no limit', async (t) => {
  const simulator = await aSimulator(t)
  const amount = rupiah('9999999999999999.00')
  for (let n = 0; n < 3; n++) {
    assert.equal((await simulator.charge({ cardNumber: LOAD_CARD, amount })).body.status, 'approved')
  }
})

test('a flag set at run time declines with its own code, and stays after a restart', async (t) => {
  const simulator = await aSimulator(t)
  const flags = { blocked: '62', expired: '54', dormant: 'X40309', inactive: 'X40318', suspended: 'X40316' }
  for (const [flag, code] of Object.entries(flags)) {
    const account = { cardNumber: CARD, limit: null, [flag]: true }
    assert.equal((await simulator.control('PUT', '/accounts', account)).status, 200)
    assert.equal((await simulator.charge()).body.resultCode, code)
    await simulator.restart()
    assert.equal((await simulator.charge()).body.resultCode, code)
  }
})

test('a list of accounts replaces all, and one with a card or id twice is refused', async (t) => {
  const simulator = await aSimulator(t)
  const one = { cardNumber: '9360000220000009996', limit: '5.00' }
  assert.equal((await simulator.control('PUT', '/accounts', [one, one])).status, 400)
  assert.equal(
    (
      await simulator.control('PUT', '/accounts', [
        { ...one, id: 'bri-1' },
        { ...one, id: 'bri-1', cardNumber: CARD },
      ])
    ).status,
    400,
  )
  assert.equal(
    (await simulator.control('PUT', '/accounts', { ...one, cardNumber: '4111111111111111' })).status,
    400,
  )
  assert.equal((await simulator.charge()).body.resultCode, '00')
  const list = await simulator.control('PUT', '/accounts', [one])
  assert.deepEqual(list.body, [{ ...one, id: 'account-1' }])
  assert.equal((await simulator.charge()).body.resultCode, '14')
  assert.equal(
    (await simulator.charge({ cardNumber: one.cardNumber, amount: rupiah('5.00') })).body.resultCode,
    '00',
  )
})

test('issuers and accounts of the ledger’s directory stand in for the shipped ones', async (t) => {
  const directory = aDirectory(t)
  writeFileSync(join(directory, 'issuers.json'), '[{ "nns": "93601234", "name": "New", "kki": true }]')
  writeFileSync(
    join(directory, 'accounts.json'),
    '[{ "id": "new", "cardNumber": "9360123420000000001", "limit": null }]',
  )
  const simulator = await aSimulator(t, { directory })
  assert.equal((await simulator.charge({ cardNumber: '9360123420000000001' })).body.resultCode, '00')
  assert.equal((await simulator.charge()).body.resultCode, '15')
})
