import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { CANCEL_PATH, REFUND_PATH, stateOf } from '../kept-accounts.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { aJump, WalletNetwork } from '../wallet-network.ts'

const wallet = new WalletNetwork()
let stage: Stage
before(async () => {
  stage = await openStage({ seams: { channels: [wallet.channel] } })
})
after(() => stage.close())
beforeEach(() => {
  Object.assign(wallet.moods, { charge: 'does it', cancel: 'does it', refund: 'does it' })
})

async function pay(): Promise<string> {
  const partnerReferenceNo = newId()
  await stage.merchant.call(PAYMENT_PATH, aJump(partnerReferenceNo))
  return partnerReferenceNo
}

const cancel = (originalPartnerReferenceNo: string) =>
  stage.merchant.call(CANCEL_PATH, { originalPartnerReferenceNo })
const refund = (originalPartnerReferenceNo: string, value = '10000.00') =>
  stage.merchant.call(REFUND_PATH, {
    originalPartnerReferenceNo,
    partnerRefundNo: newId(),
    refundAmount: { value, currency: 'IDR' },
  })
const standing = async (originalPartnerReferenceNo: string) =>
  (await stage.merchant.status({ originalPartnerReferenceNo })).body.latestTransactionStatus

test('of calling off and giving back at the same moment one happens, and never both', async () => {
  const seen = new Set<string>()
  for (let round = 0; round < 20; round++) {
    const reference = await pay()
    const [off, back] = await Promise.all([cancel(reference), refund(reference, '1.00')])
    const [referenceNo] = (
      await stage.query<{ no: string }>(
        'select reference_no no from payments where partner_reference_no = $1',
        [reference],
      )
    ).map(({ no }) => no)
    const codes = [off.body.responseCode, back.body.responseCode]
    const isOff = codes[0] === '2005700'
    assert.equal(codes.filter((code) => /^200/.test(code)).length, 1, codes.join())
    assert.equal(wallet.charges.get(referenceNo ?? ''), isOff ? 'reversed' : 'paid')
    assert.equal(await standing(reference), isOff ? '05' : '00')
    assert.match(isOff ? codes[1] : codes[0], isOff ? /^4040700$/ : /^4045700$/)
    seen.add(isOff ? 'off' : 'back')
  }
  assert.ok(seen.size > 0)
})

test('what is called off is given back no more, and what is given back is called off no more', async () => {
  const off = await pay()
  assert.equal((await cancel(off)).body.responseCode, '2005700')
  assert.equal((await refund(off)).body.responseCode, '4040700')
  const back = await pay()
  assert.equal((await refund(back, '1.00')).body.responseCode, '2000700')
  assert.equal((await cancel(back)).body.responseCode, '4045700')
})

test('a refused calling off leaves the payment as it was, to be given back', async () => {
  const reference = await pay()
  wallet.moods.cancel = 'refuses'
  assert.equal((await cancel(reference)).body.responseCode, '4045700')
  assert.equal(await standing(reference), '00')
  assert.equal((await refund(reference)).body.responseCode, '2000700')
  assert.equal(await standing(reference), '04')
})

for (const mood of ['is silent and does it', 'never hears'] as const)
  test(`silence about calling off is a timeout, and the truth follows when the wallet ${mood}`, async () => {
    const reference = await pay()
    wallet.moods.cancel = mood
    const first = await cancel(reference)
    assert.deepEqual([first.status, first.body.responseCode], [504, '5045700'])
    assert.equal((await cancel(reference)).body.responseCode, '4095700')
    assert.equal((await refund(reference)).body.responseCode, '4040700')
    wallet.moods.cancel = 'does it'
    for (const until = Date.now() + 10_000; (await standing(reference)) !== '05'; )
      assert.ok(Date.now() < until, 'the loop tells the wallet again')
    assert.equal((await cancel(reference)).body.responseCode, '2005700')
  })

test('silence about a payment of a wallet is a timeout, and the wallet is charged once', async () => {
  wallet.moods.charge = 'is silent and does it'
  const partnerReferenceNo = newId()
  const externalId = newId()
  const first = await stage.merchant.call(PAYMENT_PATH, aJump(partnerReferenceNo), { externalId })
  assert.deepEqual([first.status, first.body.responseCode], [504, '5045400'])
  assert.equal(await stateOf(stage, partnerReferenceNo, 'paid'), 'paid')
  assert.equal(await standing(partnerReferenceNo), '00')
  const again = await stage.merchant.call(PAYMENT_PATH, aJump(partnerReferenceNo), { externalId })
  assert.deepEqual([again.status, again.body.responseCode], [409, '2005400'])
  assert.equal(again.body.webRedirectUrl, '')
  assert.ok([...wallet.told.values()].every((times) => times === 1))
})

test('an external id of two days calls neither payment off', async () => {
  const references = [await pay(), await pay()]
  const originalExternalId = newId()
  await stage.query(
    `update payments set external_id = $1, request_date = request_date - (partner_reference_no = $2)::integer
      where partner_reference_no = any ($3)`,
    [originalExternalId, references[0], references],
  )
  const { body } = await stage.merchant.call(CANCEL_PATH, { originalExternalId })
  assert.equal(body.responseCode, '4045718')
  for (const reference of references) assert.equal(await standing(reference), '00')
})
