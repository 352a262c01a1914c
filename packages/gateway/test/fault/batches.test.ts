import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { formatTimestamp } from '@gerbang/snap'
import { Lane } from '../../src/database/lane.ts'
import { PAYMENT_STATEMENTS, settle as settleOn } from '../../src/payment/store.ts'
import { judge, replyOf } from '../../src/payment/verdict.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let day: string
before(async () => {
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: '3600000' } })
  day = formatTimestamp(Date.now()).slice(0, 10)
})
after(() => stage.close())

let count = 0
const newReference = () => String(++count).padStart(32, '0')

interface Claim {
  readonly externalId: string
  readonly partnerReferenceNo: string
  readonly amount?: string
  readonly body?: string
  readonly referenceNo?: string
}

/** One call for all, as a lane makes it of what came at the same time. */
async function claim(...claims: readonly Claim[]): Promise<readonly string[]> {
  const rows = await stage.query<{ kind: string }>(
    `select kind from claim_payments_v2($1, $2, '54', $3, (select array_agg(sha256(b::bytea)) from unnest($4::text[]) b), $5, $6,
       $7, $12, $13, $8, $9, $10, (select array_agg(sha256('card')) from unnest($4::text[])), $13, $11, $11, $11) order by n`,
    [
      stage.merchant.keys.partnerId,
      day,
      claims.map(({ externalId }) => externalId),
      claims.map(({ body = 'body' }) => body),
      claims.map(({ referenceNo = newReference() }) => referenceNo),
      claims.map(({ partnerReferenceNo }) => partnerReferenceNo),
      claims.map(() => 'KKI'),
      claims.map(() => '93600002'),
      claims.map(({ amount = '100' }) => amount),
      claims.map(() => 'sealed'),
      claims.map(() => new Date().toISOString()),
      claims.map(() => 'V1'),
      claims.map(() => null),
    ],
  )
  return rows.map(({ kind }) => kind)
}

interface Settlement {
  readonly referenceNo: string
  readonly externalId: string
  readonly state: string
  readonly reply: string
}

async function settle(...settlements: readonly Settlement[]) {
  const all = (value: string | null) => settlements.map(() => value)
  return stage.query<{ n: number; applied: boolean; state: string | null; reply: string | null }>(
    'select * from settle_payments_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)',
    [
      stage.merchant.keys.partnerId,
      day,
      '54',
      settlements.map(({ referenceNo }) => referenceNo),
      settlements.map(({ externalId }) => externalId),
      all('{submitted}'),
      settlements.map(({ state }) => state),
      all('successful'),
      all('N1'),
      all('00'),
      settlements.map(({ reply }) => reply),
      all('payment.settled.v1'),
      all(day),
      all('{}'),
      all(new Date().toISOString()),
      all(null),
    ],
  )
}

test('of two claims of one external id in the same batch the second waits its turn, and is then told', async () => {
  const first = { externalId: 'E1', partnerReferenceNo: 'R1' }
  const twin = { externalId: 'E1', partnerReferenceNo: 'R2', body: 'other' }
  assert.deepEqual(await claim(first, twin), ['claimed', 'busy'])
  assert.deepEqual(await claim(twin), ['other-body'])
  assert.deepEqual(await claim({ ...first }), ['running'])
})

test('of two claims of one order in the same batch one is claimed, and the other is told how they differ', async () => {
  const order = { partnerReferenceNo: 'R10' }
  assert.deepEqual(await claim({ ...order, externalId: 'E10' }, { ...order, externalId: 'E11' }), [
    'claimed',
    'duplicate-reference',
  ])
  assert.deepEqual(
    await claim({ ...order, externalId: 'E11' }, { ...order, externalId: 'E12', amount: '200' }),
    ['duplicate-reference', 'inconsistent-reference'],
  )
})

test('a claim that is sent again after a lost answer finds itself, beside others that are new', async () => {
  const sent = { externalId: 'E20', partnerReferenceNo: 'R20', referenceNo: newReference() }
  assert.deepEqual(await claim(sent), ['claimed'])
  assert.deepEqual(await claim({ externalId: 'E21', partnerReferenceNo: 'R21' }, sent), [
    'claimed',
    'claimed',
  ])
  const rows = await stage.query("select from payments where partner_reference_no in ('R20', 'R21')")
  assert.equal(rows.length, 2)
})

test('a batch with one row that the database refuses leaves nothing behind', async () => {
  const bad = { externalId: 'E31', partnerReferenceNo: 'R31', amount: '0' }
  await assert.rejects(claim({ externalId: 'E30', partnerReferenceNo: 'R30' }, bad), { code: '23514' })
  assert.deepEqual(await stage.query("select from payments where partner_reference_no in ('R30', 'R31')"), [])
  assert.deepEqual(await stage.query("select from request_ids where external_id in ('E30', 'E31')"), [])
})

test('of two settlements of one payment in the same batch one is booked, and the other gets what stands', async () => {
  const referenceNo = newReference()
  await claim({ externalId: 'E40', partnerReferenceNo: 'R40', referenceNo })
  const one = { referenceNo, externalId: 'E40', state: 'paid', reply: '{"responseCode":"2005400"}' }
  const rows = await settle(one, { ...one, state: 'declined', reply: '{"responseCode":"4035405"}' })
  const applied = rows.filter((row) => row.applied)
  assert.equal(applied.length, 1)
  const other = rows.find((row) => !row.applied && row.n !== applied[0]?.n)
  const [payment] = await stage.query<{ state: string; sequence: number }>(
    'select state, sequence from payments where reference_no = $1',
    [referenceNo],
  )
  assert.equal(payment?.sequence, 1)
  assert.equal(other?.state, payment?.state)
  assert.equal(other?.reply, applied[0]?.n === 1 ? one.reply : '{"responseCode":"4035405"}')
  const events = await stage.query('select from outbox where reference_no = $1', [referenceNo])
  assert.equal(events.length, 1)
})

test('a final word that meets "unresolved" in the same batch is booked after it', async () => {
  const referenceNo = newReference()
  await claim({ externalId: 'E50', partnerReferenceNo: 'R50', referenceNo })
  const { partnerId } = stage.merchant.keys
  const now = Date.now()
  const payment = {
    partnerId,
    profile: 'doku',
    referenceNo,
    partnerReferenceNo: 'R50',
    externalId: 'E50',
    channel: 'KKI',
    amountMinor: 100n,
    variant: 'V1',
    createdAt: now,
    expiresAt: now,
  } as const
  const book = (lane: Lane, answer: Parameters<typeof judge>[0]) => {
    const verdict = judge(answer)
    const reply = replyOf(payment, verdict.outcome)
    const event = { type: 'payment.settled.v1', body: '{}' } as const
    return settleOn(lane, { payment, verdict, reply, event, now, dueAt: now }, 5_000)
  }
  const lane = new Lane({
    url: stage.databaseUrl,
    statements: PAYMENT_STATEMENTS,
    batchSize: 64,
    queueSize: 100,
    stuckMs: 5_000,
  })
  try {
    // Before the lane is connected, so both wait for the same batch.
    const [silent, paid] = await Promise.all([
      book(lane, { kind: 'unresolved', cause: 'a test' }),
      book(lane, { kind: 'paid', networkReferenceNo: 'N1', networkCode: '00' }),
    ])
    assert.equal(silent.state, 'unresolved')
    assert.equal(paid.state, 'paid')
    const sql = 'select state, sequence from payments where reference_no = $1'
    assert.deepEqual(await stage.query(sql, [referenceNo]), [{ state: 'paid', sequence: 2 }])
  } finally {
    await lane.close()
  }
})

test('plans that were made on empty tables look up what they need when the tables are full', async () => {
  const other = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: '3600000' } })
  try {
    for (let paid = 0; paid < 2_000; paid += 50)
      await Promise.all(Array.from({ length: 50 }, () => other.merchant.pay()))
    // A session tells its figures at the end of a transaction, once a second.
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    await Promise.all(Array.from({ length: 50 }, () => other.merchant.pay()))
    const [row] = await other.query<{ fetched: number }>(
      `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int / 2050 as fetched from pg_stat_user_tables`,
    )
    assert.ok((row?.fetched ?? 0) >= 1 && (row?.fetched ?? 0) < 20, `${row?.fetched} rows read a payment`)
  } finally {
    await other.close()
  }
})
