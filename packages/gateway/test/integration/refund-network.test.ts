import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MAGIC } from '@gerbang/simulator'
import { control } from '../fault/books.ts'
import { newId } from '../merchant.ts'
import { assertRefundBooks, readRefunds, untilRefundsAreFinal } from '../refund-books.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_NETWORK_TIMEOUT_MS: '500', GERBANG_NETWORK_EXPIRY_MS: '1000' } })
})
after(() => stage.close())

/** What is refunded here is what the network has approved, to the refund and to the sen. */
async function assertNetworkAgrees(): Promise<void> {
  await untilRefundsAreFinal(stage)
  await assertRefundBooks(stage)
  const ours = await stage.query<{ line: string }>(
    `select refund_no || ' ' || reference_no || ' ' || trunc(amount_minor / 100) || '.' ||
            lpad((amount_minor % 100)::text, 2, '0') || ' ' || network_reference_no as line
       from refunds where state = 'refunded'`,
  )
  const theirs = (await readRefunds(stage)).filter(({ status }) => status === 'approved')
  assert.deepEqual(
    ours.map(({ line }) => line).sort(),
    theirs
      .map(
        (one) =>
          `${one.referenceNo} ${one.originalReferenceNo} ${one.amount.value} ${one.networkReferenceNo}`,
      )
      .sort(),
  )
}

test('partial and full refunds go through to the network and back', async () => {
  const paid = await aPaidOne(stage.merchant)
  for (const value of ['1.00', '0.01', '9998.99'])
    assert.equal((await refund(stage.merchant, aRefund(paid, value))).body.responseCode, '2000700')
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
  assert.equal(body.latestTransactionStatus, '04')
  await assertNetworkAgrees()
})

for (const { case: caseCode } of MAGIC) {
  const [status, detail] = [caseCode.slice(0, 3), caseCode.slice(3)]

  test(`case ${caseCode} of the network reaches the partner as ${status}07${detail} and is booked as it is`, async () => {
    const partnerRefundNo = `SIM${status}07${detail}-${newId()}`
    const answer = await refund(
      stage.merchant,
      aRefund(await aPaidOne(stage.merchant), '1.00', { partnerRefundNo }),
    )
    assert.equal(answer.body.responseCode, `${status}07${detail}`)
    assert.equal(answer.status, Number(status))
    const [row] = await stage.query<{ state: string; reply: string }>(
      `select r.state::text, q.reply from refunds r
         join request_ids q on q.partner_id = r.partner_id and q.reference_no = r.refund_no
        where partner_refund_no = $1`,
      [partnerRefundNo],
    )
    const isMoved = answer.status === 200
    if (caseCode !== '20200')
      assert.deepEqual(row, { state: isMoved ? 'refunded' : 'failed', reply: answer.text })
  })
}

for (const [fault, end] of [
  ['drop-before', '06'],
  ['drop-after', '00'],
  ['garbage', '00'],
  ['empty', '00'],
] as const)
  test(`after the network’s fault ${fault} the refund is in progress, and ends as ${end}`, async () => {
    const paid = await aPaidOne(stage.merchant)
    const body = aRefund(paid)
    await control(stage, 'next', {
      fault,
      match: { operation: 'refund', merchantReferenceNo: body.partnerRefundNo },
    })
    assert.equal((await refund(stage.merchant, body)).body.responseCode, '2020700')
    await untilRefundsAreFinal(stage)
    const { body: known } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
    assert.equal(known.refundHistory[0].refundStatus, end)
    assert.equal(known.latestTransactionStatus, end === '00' ? '04' : '00')
  })

test('in the end the network’s book of refunds and ours are the same', assertNetworkAgrees)
