import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { bodyOf } from './bodies.ts'
import { CLIENTS } from './clients.ts'
import { java } from './java.ts'
import { php } from './php.ts'
import { Session } from './session.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const wish = { channel: CHANNEL, originalPartnerReferenceNo: 'INV-NEVER' }

for (const client of CLIENTS)
  test(`${client.name} keeps one connection through tokens, calls and refusals`, async () => {
    const session = new Session(client, stage.merchant)
    assert.equal((await session.mint()).isReused, false)
    const body = bodyOf(client, 'check_status', wish)
    for (const changes of [{}, { token: 'x' }, {}]) {
      const answer = await session.call('check_status', body, changes)
      assert.equal(answer.isReused, true, answer.text)
      assert.match(String(answer.headers['content-type']), /^application\/json/)
      assert.equal(answer.headers['content-encoding'], undefined)
    }
    session.close()
  })

for (const client of CLIENTS)
  test(`${client.name} may hold its body back until it is asked for`, async () => {
    const session = new Session(client, stage.merchant)
    const lines = [['Expect', '100-continue']] as const
    const minted = await session.mint({ lines })
    assert.deepEqual([minted.status, minted.wasContinued], [200, true])
    const long = { ...wish, deviceId: 'd'.repeat(2_000) }
    const answer = await session.call('check_status', bodyOf(client, 'check_status', long), { lines })
    assert.deepEqual([answer.body?.responseCode, answer.wasContinued], ['4045501', true])
    session.close()
  })

test('headers without a value are as if they were not there', async () => {
  const session = new Session(java, stage.merchant)
  await session.mint()
  const names = ['CHANNEL-ID', 'X-CHANNEL-ID', 'X-DEVICE-ID', 'Authorization-Customer']
  const body = bodyOf(java, 'check_status', wish)
  const answer = await session.call('check_status', body, { lines: names.map((name) => [name, '']) })
  assert.equal(answer.body?.responseCode, '4045501', answer.text)
  session.close()
})

test('calls of one second with one external id succeed on different paths, and on one path are told apart', async () => {
  const session = new Session(php, stage.merchant)
  await session.mint()
  const at = Date.now()
  const { partnerReferenceNo } = aPayment()
  const paid = await session.call('payment', aPayment({ partnerReferenceNo }), { at })
  assert.equal(paid.body?.responseCode, '2005400', paid.text)
  const status = await session.call(
    'check_status',
    bodyOf(php, 'check_status', originalOf(partnerReferenceNo)),
    { at },
  )
  assert.equal(status.body?.latestTransactionStatus, '00', status.text)
  const refund = (partnerRefundNo: string) =>
    session.call(
      'refund',
      bodyOf(php, 'refund', {
        ...originalOf(partnerReferenceNo),
        refundAmount: { value: '1000.00', currency: 'IDR' },
        partnerRefundNo,
      }),
      { at },
    )
  const first = await refund('REF-1')
  assert.equal(first.body?.responseCode, '2000700', first.text)

  const again = await refund('REF-1')
  assert.deepEqual([again.status, again.text], [409, first.text])
  const other = await refund('REF-2')
  assert.equal(other.status, 409)
  assert.deepEqual(other.body, { responseCode: '4090700', responseMessage: 'Conflict' })
  assert.equal((await session.call('payment', aPayment(), { at })).body?.responseCode, '4095400')

  const later = await session.call('payment', aPayment(), { at: at + 1_000 })
  assert.equal(later.body?.responseCode, '2005400', later.text)
  session.close()
})

function originalOf(originalPartnerReferenceNo: string) {
  return { channel: CHANNEL, originalPartnerReferenceNo }
}
