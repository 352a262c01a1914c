import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { sqlOn } from '../../src/database/pool.ts'
import { findPayments } from '../../src/payment/store.ts'
import { aPayment, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const ATTEMPTS = 20_000

let stage: Stage
let client: pg.Client
const { partnerReferenceNo } = aPayment()
/** The first failed attempt, long before the others. */
const first = { referenceNo: '', externalId: newId() }
before(async () => {
  stage = await openStage()
  await stage.merchant.pay({ partnerReferenceNo, otp: '22220003' }, { externalId: first.externalId })
  const [row] = await stage.query<{ reference_no: string }>('select reference_no from payments')
  first.referenceNo = row?.reference_no ?? ''
  // Numbers of the past, as they are made: the time, and 15 digits of chance. The latest of them says what was wrong.
  await stage.query(`
    insert into payments
      (partner_id, reference_no, partner_reference_no, released, external_id, request_date, channel, issuer_number, amount_minor,
       card_sealed, card_lookup, state, outcome, created_at, expires_at, settled_at)
    select partner_id, number, partner_reference_no, number, 'many-' || minute, request_date, channel, issuer_number, amount_minor,
           card_sealed, card_lookup, state, case minute when 1 then 'insufficientFunds' else 'doNotHonor' end,
           moment, moment, moment
      from payments, generate_series(1, ${ATTEMPTS}) minute, lateral (
        select created_at + interval '1 year' - minute * interval '1 minute' as moment) m, lateral (
        select to_char(moment at time zone 'Asia/Jakarta', 'YYYYMMDDHH24MISSMS') || lpad((minute * 7919 % 1000000)::text, 15, '0')
               as number) n`)
  client = new pg.Client({ connectionString: stage.databaseUrl })
  await client.connect()
})
after(async () => {
  await client.end()
  await stage.close()
})

/** Rows of payments that this session has read and not yet reported. */
async function readSoFar(): Promise<number> {
  const { rows } = await client.query<{ read: number }>(
    "select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables where relname = 'payments'",
  )
  return rows[0]?.read ?? Number.NaN
}

async function rowsReadFor(names: Parameters<typeof findPayments>[2]): Promise<number> {
  await client.query('begin')
  const before = await readSoFar()
  await findPayments(sqlOn(client), stage.merchant.keys.partnerId, names)
  const read = (await readSoFar()) - before
  await client.query('commit')
  return read
}

for (const when of ['before', 'after'])
  test(`of ${ATTEMPTS} failed attempts a handful are read, ${when} the database knows how many there are`, async () => {
    if (when === 'after') await client.query('analyze payments')
    for (const names of [
      { partnerReferenceNo },
      { referenceNo: first.referenceNo },
      { externalId: first.externalId },
      { partnerReferenceNo, ...first },
      { partnerReferenceNo: 'INV-unknown' },
      { partnerReferenceNo, referenceNo: '1' },
    ]) {
      const read = await rowsReadFor(names)
      assert.ok(read <= 5, `${read} rows for ${JSON.stringify(names)}`)
    }
  })

test('the latest of very many failed attempts is told, and each by its own number', async () => {
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
  assert.equal(body.originalResponseCode, '4035414')
  const names = { originalPartnerReferenceNo: partnerReferenceNo, originalReferenceNo: first.referenceNo }
  assert.equal((await stage.merchant.status(names)).body.originalResponseCode, '4045415')
  const byExternalId = {
    originalPartnerReferenceNo: partnerReferenceNo,
    originalExternalId: first.externalId,
  }
  assert.equal((await stage.merchant.status(byExternalId)).body.originalReferenceNo, first.referenceNo)
})

test('the attempt that is paid is told, whatever failed before and however often', async () => {
  const paid = await stage.merchant.pay({ partnerReferenceNo })
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
  assert.deepEqual([body.latestTransactionStatus, body.originalReferenceNo], ['00', paid.body.referenceNo])
  const read = await rowsReadFor({ partnerReferenceNo })
  assert.ok(read <= 5, `${read} rows`)
})

test('a name of another payment beside the reference is inconsistent', async () => {
  const other = await stage.merchant.pay()
  const names = {
    originalPartnerReferenceNo: partnerReferenceNo,
    originalReferenceNo: other.body.referenceNo,
  }
  assert.equal((await stage.merchant.status(names)).body.responseCode, '4045518')
})
