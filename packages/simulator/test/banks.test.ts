import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { aPhone, bankOf, PIN, RIGHT, words } from './bank-customers.ts'
import { aReference, aSimulator, call, rupiah } from './rig.ts'

/** People of data/people.json. */
const PEOPLE = {
  sari: '6281200000001',
  poor: '6281200000003',
  limited: '6281200000004',
  approves: '6281200000005',
  declines: '6281200000006',
  blocked: '6281200000007',
  dormant: '6281200000008',
  inactive: '6281200000009',
  suspended: '6281200000010',
  unknown: '6281200000011',
}

for (const [name, resultCode] of [
  ['blocked', '62'],
  ['dormant', 'X40309'],
  ['inactive', 'X40318'],
  ['suspended', 'X40316'],
  ['unknown', '14'],
] as const)
  test(`the account that is ${name} is not kept`, async (t) => {
    const { bind } = bankOf(await aSimulator(t), 'cimb')
    assert.deepEqual(words(await bind({ phoneNo: PEOPLE[name] })), ['declined', resultCode])
  })

test('a bank that keeps cards wants the digits that it knows its customer by', async (t) => {
  const simulator = await aSimulator(t)
  const bri = bankOf(simulator, 'bri')
  const bindAt = (bank: typeof bri, card?: object) => bank.bind({ phoneNo: PEOPLE.sari, card })
  assert.equal((await bindAt(bri, { number: '7801', expiry: '1230' })).body.status, 'otp-sent')
  for (const card of [{ number: '7802' }, { number: '7801', expiry: '0130' }, { number: '4616990000007801' }])
    assert.deepEqual(words(await bindAt(bri, card)), ['declined', '14'], card.number)
  assert.deepEqual(words(await bindAt(bri)), ['declined', '14'], 'no card')
  const mandiri = bankOf(simulator, 'mandiri')
  assert.deepEqual(words(await bindAt(mandiri, { number: '4616990000007801' })), ['otp-wanted', 'W0'])
  assert.deepEqual(words(await bindAt(mandiri, { number: '7801' })), ['declined', '14'])
})

test('a code that was not asked for is told so, where codes have to be asked for', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify, bank } = bankOf(simulator, 'mandiri')
  const { referenceNo } = (await bind({ card: { number: '4616990000001111' } })).body
  assert.deepEqual(words(await verify(referenceNo, 'otp', 1, RIGHT)), ['otp-wanted', 'X40406'])
  assert.deepEqual(words(await bank('POST', `/bindings/${referenceNo}/otp`)), ['otp-sent', 'W0'])
  assert.deepEqual(words(await verify(referenceNo, 'otp', 2, RIGHT)), ['bound', '00'])
})

test('an account belongs to one customer of a merchant, and to another merchant besides', async (t) => {
  const { bind, kept } = bankOf(await aSimulator(t), 'ovo')
  const phoneNo = aPhone()
  await kept({ phoneNo })
  assert.equal((await bind({ phoneNo })).body.status, 'otp-sent', 'the same customer')
  assert.deepEqual(words(await bind({ phoneNo, customerId: 'CUST-2' })), ['declined', '57'])
  const elsewhere = { phoneNo, customerId: 'CUST-2', merchantId: 'BRN-0002' }
  assert.equal((await bind(elsewhere)).body.status, 'otp-sent')
})

test('money and the limit of the day decide when the customer confirms, not before', async (t) => {
  const { kept, charge, confirm, refund } = bankOf(await aSimulator(t), 'cimb')
  const networkToken = await kept({ phoneNo: PEOPLE.poor })
  const all = { networkToken, amount: rupiah('10000.00') }
  const [one, other] = [(await charge(all)).body.referenceNo, (await charge(all)).body.referenceNo]
  assert.deepEqual(words(await confirm(one, 'otp', 1, RIGHT)), ['approved', '00'])
  assert.deepEqual(words(await confirm(other, 'otp', 1, RIGHT)), ['declined', '51'])
  assert.deepEqual(words(await charge({ networkToken, amount: rupiah('1.00') })), ['declined', '51'])
  assert.deepEqual(words(await refund(one, '4000.00')), ['approved', '00'])
  assert.equal((await charge({ networkToken, amount: rupiah('4000.00') })).body.status, 'waiting')
  const limited = await kept({ phoneNo: PEOPLE.limited })
  assert.deepEqual(words(await charge({ networkToken: limited, amount: rupiah('100000.01') })), [
    'declined',
    '61',
  ])
})

test('a limit is that of a day in Jakarta', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, charge } = bankOf(simulator, 'bri')
  const networkToken = await kept({ phoneNo: PEOPLE.limited, card: { number: '1111' } })
  const whole = { networkToken, recurring: true, amount: rupiah('100000.00') }
  assert.deepEqual(words(await charge(whole)), ['approved', '00'])
  assert.deepEqual(words(await charge(whole)), ['declined', '61'])
  simulator.advance(24 * 3_600_000)
  assert.deepEqual(words(await charge(whole)), ['approved', '00'])
})

test('some people act in the application by themselves', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, charge, inquire } = bankOf(simulator, 'ovo')
  for (const [phoneNo, end] of [
    [PEOPLE.approves, ['approved', '00']],
    [PEOPLE.declines, ['declined', 'X40404']],
  ] as const) {
    const { body } = await charge({ networkToken: await kept({ phoneNo }) })
    assert.deepEqual([body.status, body.step], ['waiting', 'app'])
    simulator.advance(3_000)
    assert.deepEqual(words(await inquire(body.referenceNo)), end)
  }
})

test('a bank charges no recurring payment that it does not have, and gives nothing back that it does not', async (t) => {
  const simulator = await aSimulator(t)
  const cimb = bankOf(simulator, 'cimb')
  const networkToken = await cimb.kept()
  assert.deepEqual(words(await cimb.charge({ networkToken, recurring: true })), ['declined', 'X40301'])
  const mandiri = bankOf(simulator, 'mandiri')
  assert.deepEqual(words(await mandiri.refund(aReference(), '1.00')), ['declined', 'X40500'])
  const dana = bankOf(simulator, 'dana')
  assert.deepEqual(words(await dana.charge({ networkToken })), ['declined', 'X40500'])
})

test('a wallet shows a page with two buttons to whoever has its address', async (t) => {
  const simulator = await aSimulator(t, { networkKey: 'the-key' })
  const { charge, inquire } = bankOf(simulator, 'dana', 'the-key')
  const returnUrl = 'toko.example/kembali?a=1&b=2'
  const { body } = await charge({ returnUrl, orderTitle: '<script>alert(1)</script>' })
  assert.deepEqual([body.status, body.step], ['waiting', 'app'])
  const address = String(body.redirectUrl)
  const page = await (await fetch(address)).text()
  assert.ok(page.includes('name="decision" value="approve"') && page.includes('value="decline"'))
  assert.ok(page.includes('&lt;script&gt;') && !page.includes('<script'))
  const decide = (decision: string) =>
    fetch(address, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' })
  assert.equal((await decide('maybe')).status, 200)
  assert.equal((await inquire(body.referenceNo)).body.status, 'waiting')
  const back = await decide('approve')
  assert.deepEqual([back.status, back.headers.get('location')], [303, `https://${returnUrl}`])
  assert.deepEqual(words(await inquire(body.referenceNo)), ['approved', '00'])
  await decide('decline')
  assert.deepEqual(words(await inquire(body.referenceNo)), ['approved', '00'], 'what is paid stays paid')
  assert.ok(!(await (await fetch(address)).text()).includes('<form'))
})

test('a page sends nobody to a script, and what is no charge has no page', async (t) => {
  const simulator = await aSimulator(t)
  const { charge } = bankOf(simulator, 'shopeepay')
  const { body } = await charge({ returnUrl: 'javascript:alert(1)' })
  const address = String(body.redirectUrl)
  const form = new URLSearchParams({ decision: 'decline' })
  const back = await fetch(address, { method: 'POST', body: form, redirect: 'manual' })
  assert.equal(back.headers.get('location'), new URL(address).pathname)
  assert.equal((await fetch(address.replace(/\d{32}/, aReference()))).status, 404)
})

test('the page is where people are said to reach it', async (t) => {
  const simulator = await aSimulator(t, { publicUrl: 'https://simulator.example/' })
  const { body } = await bankOf(simulator, 'dana').charge()
  const path = `/bank/v1/dana/pages/${body.referenceNo}`
  assert.equal(body.redirectUrl, `https://simulator.example${path}`)
})

test('one reference is one charge, and is none with another content', async (t) => {
  const { kept, charge, bank } = bankOf(await aSimulator(t), 'bri')
  const networkToken = await kept({ card: { number: '1111' } })
  const referenceNo = aReference()
  const first = await charge({ referenceNo, networkToken, recurring: true })
  assert.deepEqual(await charge({ referenceNo, networkToken, recurring: true }), first)
  const other = await charge({ referenceNo, networkToken, recurring: true, amount: rupiah('1.00') })
  assert.deepEqual([other.status, other.body.resultCode], [409, '94'])
  assert.equal((await bank('GET', `/charges/${aReference()}`)).status, 404)
})

test('a restart forgets nothing: words, tries, blocks, balances and sums', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, charge, confirm, inquire, refund, bank, bind, verify } = bankOf(simulator, 'allo')
  const networkToken = await kept({ phoneNo: PEOPLE.sari })
  const paid = (await charge({ networkToken })).body.referenceNo
  await confirm(paid, 'otp', 1, RIGHT)
  await refund(paid, '4000.00')
  const open = (await charge({ networkToken })).body.referenceNo
  const wrong = await confirm(open, 'otp', 1, '000000')
  const blocked = aPhone()
  const { referenceNo } = (await bind({ phoneNo: blocked })).body
  for (let attempt = 1; attempt <= 5; attempt++) await verify(referenceNo, 'otp', attempt, '000000')
  const balance = () => bank('POST', '/balances', { inquiryNo: 'q', merchantId: 'BRN-0001', networkToken })
  const before = [await inquire(paid), await inquire(open), await balance()]

  await simulator.restart(1_000)
  assert.deepEqual([await inquire(paid), await inquire(open), await balance()], before)
  assert.deepEqual(await confirm(open, 'otp', 1, '000000'), wrong, 'the same try')
  assert.deepEqual(words(await refund(paid, '6000.01')), ['declined', '13'])
  assert.deepEqual(words(await bind({ phoneNo: blocked })), ['declined', 'X40311'])
  assert.deepEqual(words(await confirm(open, 'otp', 2, '111000')), ['approved', '00'])
})

test('neither codes nor PINs are in the ledger', async (t) => {
  const simulator = await aSimulator(t)
  const { bind, verify } = bankOf(simulator, 'cimb')
  const { referenceNo } = (await bind({ phoneNo: PEOPLE.sari })).body
  const { body } = await simulator.control('GET', `/inbox?referenceNo=${referenceNo}`)
  const [{ code }] = body as unknown as [{ code: string }]
  await verify(referenceNo, 'otp', 1, '778899')
  await verify(referenceNo, 'otp', 2, code)
  await verify(referenceNo, 'pin', 1, '998877')
  assert.deepEqual(words(await verify(referenceNo, 'pin', 2, PIN)), ['bound', '00'])
  const text = readFileSync(simulator.ledgerPath, 'utf8')
  for (const secret of [code, '778899', '998877', PIN]) assert.ok(!text.includes(`"${secret}"`), secret)
})

test('a person, a telephone and a code carry a case, as cards do', async (t) => {
  const { bind, verify, kept, charge } = bankOf(await aSimulator(t), 'cimb')
  assert.deepEqual(words(await bind({ phoneNo: '6280000040307' })), ['declined', '62'])
  assert.deepEqual(words(await bind({ merchantReferenceNo: 'SIM4030105X' })), ['declined', '05'])
  assert.deepEqual(words(await bind({ merchantReferenceNo: 'SIM4030707X' })), ['declined', '62'])
  const { referenceNo } = (await bind()).body
  assert.deepEqual(words(await verify(referenceNo, 'otp', 1, '940305')), ['declined', '05'])
  const networkToken = await kept()
  assert.deepEqual(words(await charge({ networkToken, amount: rupiah('940314.00') })), ['declined', '51'])
  const named = await charge({ networkToken, merchantReferenceNo: 'SIM4045413A1' })
  assert.deepEqual(words(named), ['declined', '13'])
})

test('a bank wants the key and a body that follows its schema, and an outage meets it too', async (t) => {
  const simulator = await aSimulator(t, { networkKey: 'the-key' })
  assert.equal((await bankOf(simulator, 'cimb').bind()).status, 401)
  const { bank } = bankOf(simulator, 'cimb', 'the-key')
  assert.deepEqual(await bank('POST', '/charges', { amount: 'much' }), {
    status: 400,
    body: { resultCode: '30' },
  })
  assert.equal((await bank('DELETE', '/charges')).status, 405)
  assert.equal((await bankOf(simulator, 'nobody', 'the-key').bank('GET', '/book')).status, 404)
  await simulator.control('POST', '/outage', { mode: 'down' })
  await assert.rejects(bank('GET', '/book'))
})

test('the book of a bank has its charges and refunds, a line each', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, charge, refund } = bankOf(simulator, 'bri')
  const networkToken = await kept({ card: { number: '1111' } })
  const { referenceNo } = (await charge({ networkToken, recurring: true })).body
  await refund(referenceNo, '4000.00')
  const text = await (await fetch(`${simulator.url}/bank/v1/bri/book`)).text()
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ kind, status, amount }) => [kind, status, amount.value]),
    [
      ['charge', 'approved', '10000.00'],
      ['refund', 'approved', '4000.00'],
    ],
  )
  assert.equal((await (await fetch(`${simulator.url}/bank/v1/cimb/book`)).text()).length, 0)
  assert.equal((await call(`${simulator.url}/_sim/people`, 'GET')).status, 200)
})
