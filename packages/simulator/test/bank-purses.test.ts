import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankOf, type Rig, words } from './bank-customers.ts'
import { aReference, aSimulator, rupiah } from './rig.ts'

const POOR = '6281200000003'
const option = (method: string, value: string) => ({ method, amount: rupiah(value) })

async function ovoOf(simulator: Rig, takes: object = {}) {
  const ovo = bankOf(simulator, 'ovo')
  const networkToken = await ovo.kept({ ...takes })
  return {
    ...ovo,
    networkToken,
    pay: (payOptions: unknown, more: object = {}) =>
      ovo.charge({ networkToken, recurring: true, payOptions, ...more }),
    async balances(): Promise<unknown[]> {
      const body = { inquiryNo: 'q', merchantId: 'BRN-0001', networkToken }
      const told = (await ovo.bank('POST', '/balances', body)).body.balances
      return (told as { amount: { value: string } }[]).map(({ amount }) => amount.value)
    },
  }
}

test('a charge takes from the balances that it names, and from the first one when it names none', async (t) => {
  const { pay, balances } = await ovoOf(await aSimulator(t))
  assert.deepEqual(await balances(), ['100000000.00', '50000.00'])
  assert.deepEqual(words(await pay([option('POINTS', '10000.00')])), ['approved', '00'])
  assert.deepEqual(await balances(), ['100000000.00', '40000.00'])
  const half = [option('POINTS', '5000.00'), option('CASH', '5000.00')]
  assert.deepEqual(words(await pay(half)), ['approved', '00'])
  assert.deepEqual(await balances(), ['99995000.00', '35000.00'])
  assert.deepEqual(words(await pay(undefined)), ['approved', '00'])
  assert.deepEqual(await balances(), ['99985000.00', '35000.00'])
})

test('what is given back fills the balance first that was named first, before a restart and after it', async (t) => {
  const simulator = await aSimulator(t)
  const { pay, refund, balances } = await ovoOf(simulator)
  const { referenceNo } = (await pay([option('POINTS', '4000.00'), option('CASH', '6000.00')])).body
  await refund(referenceNo, '3000.00')
  await refund(referenceNo, '2000.00')
  assert.deepEqual(await balances(), ['99995000.00', '50000.00'])
  await simulator.restart(1_000)
  assert.deepEqual(await balances(), ['99995000.00', '50000.00'])
  await refund(referenceNo, '5000.00')
  assert.deepEqual(await balances(), ['100000000.00', '50000.00'])
})

test('who has little of one kind is charged no other, also when the reference asks for an approval', async (t) => {
  const { pay, balances } = await ovoOf(await aSimulator(t), { phoneNo: POOR })
  assert.deepEqual(await balances(), ['10000.00', '2500.00'])
  assert.deepEqual(words(await pay([option('POINTS', '10000.00')])), ['declined', '51'])
  const all = [option('POINTS', '2500.00'), option('CASH', '7500.00')]
  for (const [payOptions, resultCode] of [
    [[option('POINT', '10000.00')], 'X40500'],
    [[option('CASH', '1.00')], '13'],
    [[...all, option('CASH', '1.00')], '13'],
  ] as const) {
    assert.deepEqual(words(await pay(payOptions)), ['declined', resultCode])
    const asked = { merchantReferenceNo: 'SIM2005400A1' }
    assert.deepEqual(words(await pay(payOptions, asked)), ['declined', resultCode])
  }
  const twice = [option('POINTS', '2500.00'), option('POINTS', '2500.00'), option('CASH', '5000.00')]
  assert.deepEqual(words(await pay(twice)), ['declined', '51'], 'together they are more than there is')
  assert.deepEqual(await balances(), ['10000.00', '2500.00'])
  assert.deepEqual(words(await pay(all)), ['approved', '00'])
  assert.deepEqual(await balances(), ['2500.00', '0.00'])
})

test('a reference that comes with other balances is another charge', async (t) => {
  const { pay } = await ovoOf(await aSimulator(t))
  const referenceNo = aReference()
  const points = [option('POINTS', '10000.00')]
  const first = await pay(points, { referenceNo })
  assert.deepEqual(await pay(points, { referenceNo }), first)
  for (const other of [[option('CASH', '10000.00')], undefined]) {
    const { status, body } = await pay(other, { referenceNo })
    assert.deepEqual([status, body.resultCode], [409, '94'])
  }
})

test('a bank that tells no balances takes none that is named', async (t) => {
  const bri = bankOf(await aSimulator(t), 'bri')
  const networkToken = await bri.kept({ card: { number: '1111' } })
  const payOptions = [option('CASH', '10000.00')]
  const said = await bri.charge({ networkToken, recurring: true, payOptions })
  assert.deepEqual(words(said), ['declined', 'X40500'])
})
