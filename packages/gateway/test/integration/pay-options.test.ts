import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { aDebit, BALANCE_PATH, debit, type KeptAccount, keepAccount, REFUND_PATH } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const OVO = 'EMONEY_OVO_SNAP'
const ALLO = 'DIRECT_DEBIT_ALLO_SNAP'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_CHANNELS: 'kki,allo,bri,ovo' } })
})
after(() => stage.close())

const rupiah = (value: string) => ({ value, currency: 'IDR' })
const part = (payMethod: string, value: string) => ({ payMethod, transAmount: rupiah(value) })

/** What the account holds, by the kind of money. */
async function balances({ headers }: KeptAccount): Promise<Record<string, number>> {
  const { body } = await stage.merchant.call(BALANCE_PATH, {}, { headers })
  const infos = body.accountInfos as { balanceType: string; amount: { value: string } }[]
  return Object.fromEntries(infos.map(({ balanceType, amount }) => [balanceType, Number(amount.value)]))
}

/** By how much each kind of money has changed. */
async function changes(account: KeptAccount, since: Record<string, number>): Promise<Record<string, number>> {
  const now = await balances(account)
  return Object.fromEntries(Object.keys(since).map((name) => [name, (now[name] ?? 0) - (since[name] ?? 0)]))
}

function recurring(payOptionDetails: unknown, more: object = {}) {
  return aDebit(OVO, { payOptionDetails, ...more }, { paymentType: 'RECURRING' })
}

function giveBack({ headers }: KeptAccount, originalPartnerReferenceNo: string, value: string) {
  const body = {
    originalPartnerReferenceNo,
    partnerRefundNo: String(randomInt(1e11, 9e11)),
    refundAmount: rupiah(value),
    additionalInfo: { channel: OVO },
  }
  return stage.merchant.call(REFUND_PATH, body, { headers })
}

test('points pay what is to be paid with points, and points come back', async () => {
  const account = await keepAccount(stage, 'ovo')
  const before = await balances(account)
  const body = recurring([part('points', '10000.00')])
  assert.equal((await debit(stage, account, body)).body.responseCode, '2005400')
  assert.deepEqual(await changes(account, before), { CASH: 0, POINTS: -10_000 })
  const back = await giveBack(account, body.partnerReferenceNo, '4000.00')
  assert.equal(back.body.responseCode, '2000700', back.text)
  assert.deepEqual(await changes(account, before), { CASH: 0, POINTS: -6_000 })
})

test('a payment that is split takes each part where it was asked to, and gives back in that order', async () => {
  const account = await keepAccount(stage, 'ovo')
  const before = await balances(account)
  const body = recurring([
    part('POINTS', '4000.00'),
    part('CASH', '6000.00'),
    { ...part('CASH', '0.00'), feeAmount: rupiah('0.00') },
  ])
  assert.equal((await debit(stage, account, body)).body.responseCode, '2005400')
  assert.deepEqual(await changes(account, before), { CASH: -6_000, POINTS: -4_000 })
  for (const [value, expected] of [
    ['3000.00', { CASH: -6_000, POINTS: -1_000 }],
    ['2000.00', { CASH: -5_000, POINTS: 0 }],
    ['5000.00', { CASH: 0, POINTS: 0 }],
  ] as const) {
    assert.equal((await giveBack(account, body.partnerReferenceNo, value)).body.responseCode, '2000700')
    assert.deepEqual(await changes(account, before), expected, value)
  }
})

test('one method without an amount pays all of it', async () => {
  const account = await keepAccount(stage, 'ovo')
  const before = await balances(account)
  const empty = { value: '', currency: '' }
  const body = recurring([{ payMethod: 'POINTS', transAmount: empty, feeAmount: empty }])
  assert.equal((await debit(stage, account, body)).body.responseCode, '2005400')
  assert.deepEqual(await changes(account, before), { CASH: 0, POINTS: -10_000 })
})

test('who has not enough points is not charged cash', async () => {
  const account = await keepAccount(stage, 'ovo')
  const before = await balances(account)
  const value = `${(before.POINTS ?? 0) + 1}.00`
  const body = recurring([part('POINTS', value)], { amount: rupiah(value) })
  assert.equal((await debit(stage, account, body)).body.responseCode, '4035414')
  assert.deepEqual(await changes(account, before), { CASH: 0, POINTS: 0 })
})

for (const [name, payOptionDetails, responseCode, member] of [
  ['a method of nobody', [part('FOO', '10000.00')], '4005401', 'payOptionDetails.0.payMethod'],
  ['a method of another wallet', [part('POINT', '10000.00')], '4005401', 'payOptionDetails.0.payMethod'],
  ['no method', [{}], '4005401', 'payOptionDetails.0.payMethod'],
  ['an empty method', [{ ...part('', '10000.00') }], '4005401', 'payOptionDetails.0.payMethod'],
  ['less than all', [part('CASH', '1.00')], '4045413', ''],
  ['more than all', [part('CASH', '10000.00'), part('POINTS', '0.01')], '4045413', ''],
  ['nothing', [part('CASH', '0.00')], '4045413', ''],
  [
    'a part without its amount',
    [part('CASH', '6000.00'), { payMethod: 'POINTS' }],
    '4005402',
    'payOptionDetails.1.transAmount.value',
  ],
  ['an amount that is none', [part('CASH', '10000')], '4005401', 'payOptionDetails.0.transAmount.value'],
  [
    'another currency',
    [{ payMethod: 'CASH', transAmount: { value: '10000.00', currency: 'USD' } }],
    '4005401',
    'payOptionDetails.0.transAmount.currency',
  ],
] as const)
  test(`a payment with ${name} is refused, and nothing is charged`, async () => {
    const account = await keepAccount(stage, 'ovo')
    const before = await balances(account)
    const { body } = await debit(stage, account, recurring(payOptionDetails))
    assert.equal(body.responseCode, responseCode, JSON.stringify(body))
    assert.ok(body.responseMessage.endsWith(member), body.responseMessage)
    assert.deepEqual(await changes(account, before), { CASH: 0, POINTS: 0 })
  })

test('Allo may say how it is paid, and what it says has to be the amount', async () => {
  const allo = await keepAccount(stage, 'allo')
  const lineItems = [{ name: 'Kopi', price: '10000.00', quantity: '1' }]
  const codeOf = async (payOptionDetails: unknown) => {
    const partnerReferenceNo = `A${newId()}`.padEnd(32, '0')
    const body = aDebit(ALLO, { partnerReferenceNo, payOptionDetails }, { lineItems })
    return (await debit(stage, allo, body)).body.responseCode
  }
  assert.equal(await codeOf(undefined), '2005400')
  for (const method of ['BALANCE', 'POINT', 'PAYLATER'])
    assert.equal(await codeOf([part(method, '10000.00')]), '2005400', method)
  assert.equal(await codeOf([part('BALANCE', '1.00')]), '4045413')
  assert.equal(await codeOf([part('CASH', '10000.00')]), '4005401')
})

test('where there is nothing to choose, what is said of it says nothing', async () => {
  const bri = await keepAccount(stage, 'bri', { phoneNo: '6281200000001' })
  const payOptionDetails = [part('CASH', '1')]
  const body = aDebit('DIRECT_DEBIT_BRI_SNAP', { payOptionDetails }, { paymentType: 'RECURRING' })
  assert.equal((await debit(stage, bri, body)).body.responseCode, '2005400')
})

test('a request that is repeated with another method is another request', async () => {
  const account = await keepAccount(stage, 'ovo')
  const externalId = newId()
  const body = recurring([part('CASH', '10000.00')])
  const first = await debit(stage, account, body, { externalId })
  assert.equal(first.body.responseCode, '2005400')
  const other = { ...body, payOptionDetails: [part('POINTS', '10000.00')] }
  assert.equal((await debit(stage, account, other, { externalId })).body.responseCode, '4095400')
  assert.deepEqual((await debit(stage, account, body, { externalId })).body, first.body)
})
