import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aPhone, bankOf, RIGHT, type Rig, words } from './bank-customers.ts'
import { aReference, aSimulator } from './rig.ts'

const WRONG = '000000'

function unbindings(simulator: Rig, slug = 'cimb') {
  const { bank, kept, charge } = bankOf(simulator, slug)
  return {
    bank,
    kept,
    charge,
    unbind: (networkToken: string, takes: Record<string, unknown> = {}) =>
      bank('POST', '/unbindings', {
        referenceNo: aReference(),
        merchantId: 'BRN-0001',
        networkToken,
        canAskOtp: true,
        ...takes,
      }),
    verify: (referenceNo: unknown, attempt: number, code: string) =>
      bank('POST', `/unbindings/${referenceNo}/verification`, { step: 'otp', attempt, code }),
    inquire: (referenceNo: unknown) => bank('GET', `/unbindings/${referenceNo}`),
  }
}

test('a bank that asks its customer first lets go when the code is right, and not before', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, unbind, verify, inquire, charge } = unbindings(simulator)
  const phoneNo = aPhone()
  const networkToken = await kept({ phoneNo })
  const asked = await unbind(networkToken)
  assert.deepEqual(words(asked), ['otp-sent', 'W0'])
  const { referenceNo } = asked.body
  assert.equal(asked.body.attemptsLeft, 5)
  assert.equal((await charge({ networkToken })).body.status, 'waiting')
  const wrong = await verify(referenceNo, 1, WRONG)
  assert.deepEqual([...words(wrong), wrong.body.attemptsLeft], ['otp-sent', '55', 4])
  assert.deepEqual((await verify(referenceNo, 1, WRONG)).body, wrong.body, 'counted once')
  assert.deepEqual(words(await verify(referenceNo, 2, RIGHT)), ['unbound', '00'])
  assert.deepEqual(words(await inquire(referenceNo)), ['unbound', '00'])
  assert.deepEqual(words(await charge({ networkToken })), ['declined', 'X40318'])
})

test('five wrong codes block the customer, and the account stays', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, unbind, verify, charge } = unbindings(simulator)
  const networkToken = await kept()
  const { referenceNo } = (await unbind(networkToken)).body
  for (let attempt = 1; attempt < 5; attempt++) await verify(referenceNo, attempt, WRONG)
  assert.deepEqual(words(await verify(referenceNo, 5, WRONG)), ['declined', '75'])
  assert.deepEqual(words(await verify(referenceNo, 6, RIGHT)), ['declined', '75'])
  assert.deepEqual(words(await charge({ networkToken })), ['declined', 'X40311'])
})

test('a code dies after five minutes and the unbinding with it, also across a restart', async (t) => {
  const simulator = await aSimulator(t)
  const { kept, unbind, inquire, verify } = unbindings(simulator)
  const { referenceNo } = (await unbind(await kept())).body
  await simulator.restart()
  assert.deepEqual(words(await inquire(referenceNo)), ['otp-sent', 'W0'])
  simulator.advance(300_000)
  assert.deepEqual(words(await inquire(referenceNo)), ['declined', 'X40312'])
  assert.deepEqual(words(await verify(referenceNo, 1, RIGHT)), ['declined', 'X40312'])
})

test('without a customer to ask, and at a bank that asks none, it ends at once', async (t) => {
  const simulator = await aSimulator(t)
  const cimb = unbindings(simulator)
  assert.deepEqual(words(await cimb.unbind(await cimb.kept(), { canAskOtp: false })), ['unbound', '00'])
  const allo = unbindings(simulator, 'allo')
  assert.deepEqual(words(await allo.unbind(await allo.kept())), ['unbound', '00'])
  assert.deepEqual(words(await cimb.unbind('cimbtnobodys00')), ['declined', '14'])
})
