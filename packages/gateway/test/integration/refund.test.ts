import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openLedgerNetwork } from '../ledger-network.ts'
import type { Merchant } from '../merchant.ts'
import { assertRefundsAgree } from '../refund-books.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'

const network = openLedgerNetwork()
let stage: Stage
let standard: Merchant
before(async () => {
  stage = await openStage({ seams: { channels: [network.channel] } })
  standard = await stage.addMerchant('snap')
})
after(() => stage.close())

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/

for (const [profile, code] of [
  ['doku', '2000700'],
  ['snap', '2005800'],
] as const)
  test(`a full refund is answered with ${code} by the profile ${profile}, with the documented members and nothing else`, async () => {
    const merchant = profile === 'doku' ? stage.merchant : standard
    const paid = await aPaidOne(merchant)
    const body = aRefund(paid, '10000.00', { reason: 'Barang kosong' })
    const answer = await refund(merchant, body)
    assert.equal(answer.status, 200)
    const { refundNo, refundTime, originalReferenceNo, ...others } = answer.body
    assert.match(refundNo, /^\d{32}$/)
    assert.match(originalReferenceNo, /^\d{32}$/)
    assert.match(refundTime, TIME)
    assert.deepEqual(others, {
      responseCode: code,
      responseMessage: 'Successful',
      refundAmount: { value: '10000.00', currency: 'IDR' },
      originalPartnerReferenceNo: paid,
      partnerRefundNo: body.partnerRefundNo,
    })

    const { body: status } = await merchant.status({ originalPartnerReferenceNo: paid })
    assert.equal(status.latestTransactionStatus, '04')
    assert.equal(status.transactionStatusDesc, 'Refunded')
    assert.equal(status.originalResponseCode, '2005400')
    for (const member of ['approvalCode', 'paidTime', 'transAmount']) assert.ok(status[member], member)
    assert.deepEqual(status.refundHistory, [
      {
        refundNo,
        partnerReferenceNo: body.partnerRefundNo,
        refundAmount: { value: '10000.00', currency: 'IDR' },
        refundStatus: '00',
        refundDate: refundTime,
        reason: 'Barang kosong',
      },
    ])
  })

test('several partial refunds leave the payment at 00 until nothing is left, and then it is 04', async () => {
  const paid = await aPaidOne(stage.merchant)
  const expected: [string, string][] = []
  for (const [value, status] of [
    ['2500.00', '00'],
    ['2500.01', '00'],
    ['4999.98', '00'],
    ['0.01', '04'],
  ] as const) {
    const body = aRefund(paid, value)
    assert.equal((await refund(stage.merchant, body)).body.responseCode, '2000700', value)
    expected.push([body.partnerRefundNo, value])
    const { body: known } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
    assert.equal(known.latestTransactionStatus, status, value)
    assert.deepEqual(
      known.refundHistory.map((line: { partnerReferenceNo: string; refundAmount: { value: string } }) => [
        line.partnerReferenceNo,
        line.refundAmount.value,
      ]),
      expected,
    )
  }
  await assertRefundsAgree(stage, network)
})

test('a line of the history has all six members, the reason empty when none was given', async () => {
  const paid = await aPaidOne(stage.merchant)
  await refund(stage.merchant, aRefund(paid, '1.00', { reason: '' }))
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
  const [line] = body.refundHistory
  assert.deepEqual(Object.keys(line).sort(), [
    'partnerReferenceNo',
    'reason',
    'refundAmount',
    'refundDate',
    'refundNo',
    'refundStatus',
  ])
  assert.equal(line.reason, '')
})

test('a status without refunds has no history, and another partner’s refunds are not told', async () => {
  const paid = await aPaidOne(stage.merchant)
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
  assert.ok(!('refundHistory' in body))
  const other = await stage.addMerchant()
  assert.equal((await refund(other, aRefund(paid))).body.responseCode, '4040701')
})

for (const name of ['originalPartnerReferenceNo', 'originalReferenceNo', 'originalExternalId'] as const)
  test(`the original is found by ${name} alone`, async () => {
    const paid = await aPaidOne(stage.merchant)
    const { body: known } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
    const named = { originalPartnerReferenceNo: undefined, [name]: known[name] }
    const answer = await refund(stage.merchant, aRefund(paid, '10.00', named))
    assert.equal(answer.body.responseCode, '2000700')
    assert.equal(answer.body.originalReferenceNo, known.originalReferenceNo)
    assert.equal(answer.body.originalPartnerReferenceNo, paid)
  })

test('a customer token is optional, and one of ours must belong to the partner', async () => {
  const paid = await aPaidOne(stage.merchant)
  const withToken = (token: string) =>
    refund(stage.merchant, aRefund(paid, '1.00'), { headers: { 'Authorization-Customer': token } })
  for (const token of ['', 'a placeholder', await stage.merchant.token()])
    assert.equal((await withToken(token)).status, 200)
  assert.equal((await withToken(await standard.token())).body.responseCode, '4010702')
})

for (const address of ['1.1.1.1', '2001:db8::1', 'anything'])
  test(`the address ${address} is taken`, async () => {
    const paid = await aPaidOne(stage.merchant)
    const answer = await refund(stage.merchant, aRefund(paid), { headers: { 'X-IP-ADDRESS': address } })
    assert.equal(answer.status, 200)
  })

test('a partnerRefundNo of 64 characters and one of one character are taken as they are', async () => {
  const paid = await aPaidOne(stage.merchant)
  for (const partnerRefundNo of ['R'.repeat(64), '~']) {
    const answer = await refund(stage.merchant, aRefund(paid, '1.00', { partnerRefundNo }))
    assert.equal(answer.body.partnerRefundNo, partnerRefundNo)
  }
})

test('the events of a refund name it, its payment and whether anything is left, and no reason', async () => {
  const paid = await aPaidOne(stage.merchant)
  for (const [value, isFullyRefunded] of [
    ['4000.00', false],
    ['6000.00', true],
  ] as const) {
    const body = aRefund(paid, value, { reason: 'secret words' })
    const { refundNo, originalReferenceNo } = (await refund(stage.merchant, body)).body
    const rows = await stage.query<{ type: string; body: Record<string, unknown> }>(
      'select type, body from outbox where reference_no = $1 order by sequence',
      [refundNo],
    )
    assert.equal(rows.length, 1)
    assert.equal(rows[0]?.type, 'refund.settled.v1')
    const { occurredAt, networkReferenceNo, externalId, ...others } = rows[0]?.body ?? {}
    assert.ok(occurredAt && networkReferenceNo && externalId)
    assert.deepEqual(others, {
      partnerId: stage.merchant.keys.partnerId,
      refundNo,
      partnerRefundNo: body.partnerRefundNo,
      originalReferenceNo,
      originalPartnerReferenceNo: paid,
      channel: 'KARTU_KREDIT_INDONESIA_SNAP',
      amount: { value, currency: 'IDR' },
      state: 'refunded',
      refundStatus: '00',
      isFullyRefunded,
      responseCode: '2000700',
    })
  }
})

test('a refund is one line of the log, which says what became of the money and no reason, and it is counted', async () => {
  const paid = await aPaidOne(stage.merchant)
  const body = aRefund(paid, '1.00', { reason: 'a very private reason' })
  const { refundNo } = (await refund(stage.merchant, body)).body
  const lines = stage.logged.filter((line) => line.includes(refundNo)).map((line) => JSON.parse(line))
  assert.equal(lines.length, 1)
  const { operation, partnerReferenceNo, network: said, state, money, responseCode } = lines[0]
  assert.deepEqual(
    { operation, partnerReferenceNo, said, state, money, responseCode },
    {
      operation: 'refund',
      partnerReferenceNo: body.partnerRefundNo,
      said: 'refunded',
      state: 'refunded',
      money: 'moved',
      responseCode: '2000700',
    },
  )
  assert.ok(!stage.logged.some((line) => line.includes('a very private reason')))
  const metrics = await stage.gateway.metrics.registry.metrics()
  assert.match(metrics, /^gerbang_refunds_total\{state="refunded"\} \d+$/m)
})
