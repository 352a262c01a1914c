import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openLedgerNetwork } from '../ledger-network.ts'
import { type CallChanges, type Merchant, newId } from '../merchant.ts'
import { assertRefundsAgree } from '../refund-books.ts'
import { aPaidOne, aRefund, REFUND_PATH, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'

const network = openLedgerNetwork()
const another = openLedgerNetwork().channel
const other = { ...another, profile: { ...another.profile, name: 'ANOTHER_NETWORK', aliases: [] } }
let stage: Stage
let partners: readonly (readonly [code: string, merchant: Merchant])[]
before(async () => {
  stage = await openStage({ seams: { channels: [network.channel, other] } })
  partners = [
    ['07', stage.merchant],
    ['58', await stage.addMerchant('snap')],
  ]
})
after(() => stage.close())

async function rowCount(): Promise<number> {
  const [row] = await stage.query<{ rows: number }>(
    `select ((select count(*) from refunds) + (select count(*) from refund_balances)
             + (select count(*) from request_ids where service_code = '58'))::int as rows`,
  )
  return row?.rows ?? -1
}

type Ask = (merchant: Merchant) => Promise<{ body: object; more?: CallChanges }>
/** A refund of a fresh payment of 10000.00 with something changed. */
const changed =
  (changes: object, more: CallChanges = {}): Ask =>
  async (merchant) => ({ body: aRefund(await aPaidOne(merchant), '10000.00', changes), more })

/** A refund of a payment that is brought to this state. */
const ofState =
  (state: string): Ask =>
  async (merchant) => {
    const paid = await aPaidOne(merchant)
    const isOpen = ['submitted', 'waiting', 'unresolved'].includes(state)
    await stage.query(
      `update payments set state = $2::payment_state, settled_at = case when $3 then null else settled_at end,
              due_at = case when $3 then timestamptz '2100-01-01' end, outcome = case when $2 = 'submitted' then null else outcome end,
              released = case when $2 in ('declined', 'reversed') then reference_no else '' end
        where partner_reference_no = $1`,
      [paid, state, isOpen],
    )
    return { body: aRefund(paid) }
  }

const refundedBy =
  (values: readonly string[], asked: string): Ask =>
  async (merchant) => {
    const paid = await aPaidOne(merchant)
    for (const value of values) assert.equal((await refund(merchant, aRefund(paid, value))).status, 200)
    return { body: aRefund(paid, asked) }
  }

const REFUSALS: readonly (readonly [kind: string, ask: Ask, code: string, message: string])[] = [
  [
    'without an address',
    changed({}, { headers: { 'X-IP-ADDRESS': undefined } }),
    '400SS02',
    'Invalid Mandatory Field X-IP-ADDRESS',
  ],
  [
    'with an empty address',
    changed({}, { headers: { 'X-IP-ADDRESS': ' ' } }),
    '400SS02',
    'Invalid Mandatory Field X-IP-ADDRESS',
  ],
  [
    'with a wrong signature',
    changed({}, { headers: { 'X-SIGNATURE': 'AAAA' } }),
    '401SS00',
    'Unauthorized. Invalid Signature',
  ],
  ['with no token', changed({}, { headers: { Authorization: '' } }), '401SS03', 'Token Not Found (B2B)'],
  ['with a token that is none', changed({}, { token: 'a.b.c' }), '401SS01', 'Invalid Token (B2B)'],
  [
    'of nothing that is named',
    changed({ originalPartnerReferenceNo: '' }),
    '400SS02',
    'Invalid Mandatory Field originalPartnerReferenceNo',
  ],
  [
    'without a partnerRefundNo',
    changed({ partnerRefundNo: null }),
    '400SS02',
    'Invalid Mandatory Field partnerRefundNo',
  ],
  [
    'with a partnerRefundNo of 65 characters',
    changed({ partnerRefundNo: 'R'.repeat(65) }),
    '400SS01',
    'Invalid Field Format partnerRefundNo',
  ],
  ['without an amount', changed({ refundAmount: null }), '400SS02', 'Invalid Mandatory Field refundAmount'],
  [
    'of dollars',
    changed({ refundAmount: { value: '1.00', currency: 'USD' } }),
    '400SS01',
    'Invalid Field Format refundAmount.currency',
  ],
  [
    'with a reason of 256 characters',
    changed({ reason: 'r'.repeat(256) }),
    '400SS01',
    'Invalid Field Format reason',
  ],
  [
    'by an unknown channel',
    changed({ additionalInfo: { channel: 'NONE' } }),
    '400SS01',
    'Invalid Field Format additionalInfo.channel',
  ],
  [
    'by another channel than was paid by',
    changed({ additionalInfo: { channel: 'ANOTHER_NETWORK' } }),
    '404SS18',
    'Inconsistent Request',
  ],
  ['of nought', changed({ refundAmount: { value: '0.00', currency: 'IDR' } }), '404SS13', 'Invalid Amount'],
  [
    'of one sen more than was paid',
    changed({ refundAmount: { value: '10000.01', currency: 'IDR' } }),
    '404SS13',
    'Invalid Amount',
  ],
  ['of one sen more than is left', refundedBy(['9999.99'], '0.02'), '404SS13', 'Invalid Amount'],
  [
    'when nothing is left',
    refundedBy(['4000.00', '6000.00'], '0.01'),
    '404SS00',
    'Invalid Transaction Status',
  ],
  [
    'of an unknown payment',
    async () => ({ body: aRefund('INV-unknown') }),
    '404SS01',
    'Transaction Not Found',
  ],
  [
    'of two payments at once',
    async (merchant) => {
      const { body } = await merchant.status({ originalPartnerReferenceNo: await aPaidOne(merchant) })
      return {
        body: aRefund(await aPaidOne(merchant), '1.00', { originalReferenceNo: body.originalReferenceNo }),
      }
    },
    '404SS18',
    'Inconsistent Request',
  ],
  [
    'of an external id that stands for two payments',
    async (merchant) => {
      const originalExternalId = newId()
      await aPaidOne(merchant, '10000.00', { externalId: originalExternalId })
      // As if a day had passed.
      await stage.query('delete from request_ids where external_id = $1', [originalExternalId])
      await aPaidOne(merchant, '10000.00', { externalId: originalExternalId })
      return { body: aRefund('', '1.00', { originalExternalId }) }
    },
    '404SS18',
    'Inconsistent Request',
  ],
  ...['submitted', 'waiting', 'unresolved', 'declined', 'reversed'].map(
    (state) =>
      [`of a payment that is ${state}`, ofState(state), '404SS00', 'Invalid Transaction Status'] as const,
  ),
]

for (const [kind, ask, code, responseMessage] of REFUSALS)
  test(`a refund ${kind} is answered with ${code}, leaves no row and does not reach the network`, async () => {
    for (const [service, merchant] of partners) {
      const { body, more } = await ask(merchant)
      const before = { rows: await rowCount(), refunds: network.refunds.size }
      const answer = await refund(merchant, body, more)
      const responseCode = code.replace('SS', service)
      assert.deepEqual(answer.body, { responseCode, responseMessage })
      assert.equal(answer.status, Number(code.slice(0, 3)))
      assert.deepEqual({ rows: await rowCount(), refunds: network.refunds.size }, before)
    }
  })

test('a refund on a channel that gives nothing back is not supported', async () => {
  const { refunds: _, ...without } = network.channel
  const { url } = await stage.openAnother({ channels: [without] })
  for (const [service, merchant] of partners) {
    const paid = await aPaidOne(merchant)
    const { body } = await refund(merchant, aRefund(paid), { baseUrl: url })
    assert.deepEqual(body, {
      responseCode: `405${service}00`,
      responseMessage: 'Requested Function Is Not Supported',
    })
  }
})

test('a body that is not JSON, and a wrong method, are answered by the partner’s profile', async () => {
  for (const [service, merchant] of partners)
    assert.equal((await refund(merchant, '{"x"')).body.responseCode, `400${service}00`)
  const answer = await fetch(`${stage.url}${REFUND_PATH}`)
  assert.equal(((await answer.json()) as { responseCode: string }).responseCode, '4050701')
})

test('a decline of the network is answered with its code, is told by the status as 06, and frees its amount', async () => {
  for (const [service, merchant] of partners) {
    const paid = await aPaidOne(merchant)
    const declined = aRefund(paid)
    network.set('declines', declined.partnerRefundNo)
    const answer = await refund(merchant, declined)
    assert.deepEqual(answer.body, { responseCode: `403${service}05`, responseMessage: 'Do Not Honor' })
    assert.equal((await refund(merchant, aRefund(paid))).status, 200, 'the amount is free again')
    const { body } = await merchant.status({ originalPartnerReferenceNo: paid })
    assert.equal(body.latestTransactionStatus, '04')
    assert.deepEqual(
      body.refundHistory.map((line: { refundStatus: string }) => line.refundStatus),
      ['06', '00'],
    )
  }
  await assertRefundsAgree(stage, network)
})

test('what was refused before the claim does not use up its external id or its partnerRefundNo', async () => {
  const paid = await aPaidOne(stage.merchant)
  const externalId = newId()
  const body = aRefund(paid)
  for (const change of [
    { refundAmount: { value: '10000.01', currency: 'IDR' } },
    { originalPartnerReferenceNo: 'INV-unknown' },
    { refundAmount: { value: '0.00', currency: 'IDR' } },
  ])
    assert.equal((await refund(stage.merchant, { ...body, ...change }, { externalId })).status, 404)
  assert.equal((await refund(stage.merchant, body, { externalId })).status, 200)
})

test('more refunds of a partner at once than there are places for are refused before the claim', async () => {
  const slow = openLedgerNetwork()
  slow.delay(2_000)
  const { url: baseUrl } = await stage.openAnother(
    { channels: [slow.channel] },
    { GERBANG_PARTNER_REFUNDS: '2' },
  )
  const paid = await aPaidOne(stage.merchant)
  const bodies = [1, 2].map(() => aRefund(paid, '1.00'))
  const first = bodies.map((body) => refund(stage.merchant, body, { baseUrl }))
  const numbers = bodies.map(({ partnerRefundNo }) => partnerRefundNo)
  const claimed = () => stage.query('select 1 from refunds where partner_refund_no = any ($1)', [numbers])
  while ((await claimed()).length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  const refused = await refund(stage.merchant, aRefund(paid, '1.00'), { baseUrl })
  assert.deepEqual([refused.status, refused.body.responseCode], [429, '4290700'])
  for (const { status } of await Promise.all(first)) assert.equal(status, 200)
  assert.equal((await refund(stage.merchant, aRefund(paid, '1.00'), { baseUrl })).status, 200)
})
