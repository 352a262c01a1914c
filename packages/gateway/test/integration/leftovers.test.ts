import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { sqlOn } from '../../src/database/pool.ts'
import { forgetLeftovers } from '../../src/leftovers.ts'
import { ACCOUNT_CHANNELS, askedAccount, askedForPin, PIN, unbindAccount } from '../account-customer.ts'
import { rowOf } from '../card-customer.ts'
import {
  aDebit,
  CIMB,
  debit,
  H2H,
  type KeptAccount,
  keepAccount,
  OTP,
  stateOf,
  verify,
  WRONG_OTP,
} from '../kept-accounts.ts'
import { PageVisitor } from '../page-visitor.ts'
import { openStage, type Stage } from '../stage.ts'

const TABLES = ['page_sessions', 'otp_attempts', 'payment_attempts'] as const
const DAY_MS = 86_400_000
/** Of the stage: request ids are kept for three days, and the codes of a whole day with them. */
const limits = () => ({ now: Date.now(), attemptDays: 4 })

let stage: Stage
let client: pg.Client
let cimb: KeptAccount
before(async () => {
  stage = await openStage({ env: ACCOUNT_CHANNELS })
  client = new pg.Client({ connectionString: stage.databaseUrl })
  await client.connect()
  cimb = await keepAccount(stage, 'cimb')
})
after(async () => {
  await client.end()
  await stage.close()
})

/** What is left of those numbers, by table. */
async function left(...referenceNos: readonly string[]) {
  const counts: Record<string, number> = {}
  for (const table of TABLES) {
    const [row] = await stage.query<{ n: number }>(
      `select count(*)::integer n from ${table} where reference_no = any ($1)`,
      [referenceNos],
    )
    counts[table] = row?.n ?? 0
  }
  return counts
}

/** As if so many days had gone by since the codes were tried. */
async function age(referenceNo: string, days: number): Promise<void> {
  for (const table of ['otp_attempts', 'payment_attempts'])
    await stage.query(
      `update ${table} set tried_at = tried_at - make_interval(days => $2) where reference_no = $1`,
      [referenceNo, days],
    )
}

async function closePage(referenceNo: string): Promise<void> {
  await stage.query(
    `update page_sessions set expires_at = now() - interval '1 second' where reference_no = $1`,
    [referenceNo],
  )
}

/** A payment that has its page, on which a wrong code and the right one were tried. */
async function triedPayment() {
  const body = aDebit(CIMB)
  const { body: reply } = await debit(stage, cimb, body)
  const page = await new PageVisitor(reply.webRedirectUrl).get('?language=en')
  await page.type(WRONG_OTP)
  await page.type(OTP)
  return { ...body, page, referenceNo: reply.referenceNo as string }
}

async function paidPayment() {
  const payment = await triedPayment()
  await payment.page.type(PIN)
  assert.equal(await stateOf(stage, payment.partnerReferenceNo, 'paid'), 'paid')
  return payment
}

async function keptBinding() {
  const asked = await askedForPin(stage)
  await asked.browser.post({ action: 'verify', code: PIN })
  assert.equal((await rowOf(stage, asked.referenceNo)).state, 'active')
  return asked
}

test('a gateway forgets pages whose time is over, and codes of what has ended days ago', async () => {
  const [payment, binding] = [await paidPayment(), await keptBinding()]
  const both = [payment.referenceNo, binding.referenceNo]
  assert.deepEqual(await left(...both), { page_sessions: 2, otp_attempts: 2, payment_attempts: 3 })
  for (const referenceNo of both) {
    await age(referenceNo, 4)
    await closePage(referenceNo)
  }
  await stage.openAnother()
  const nothing = { page_sessions: 0, otp_attempts: 0, payment_attempts: 0 }
  for (const until = Date.now() + 10_000; Date.now() < until; await wait(50))
    if (Object.values(await left(...both)).every((n) => n === 0)) break
  assert.deepEqual(await left(...both), nothing)
  assert.equal((await payment.page.get('?language=en')).status, 404)
  assert.equal(await stateOf(stage, payment.partnerReferenceNo), 'paid')
})

test('a page that may still be opened stays, and so do codes of less than four days', async () => {
  const payment = await paidPayment()
  await age(payment.referenceNo, 3)
  await forgetLeftovers(sqlOn(client), limits())
  assert.deepEqual(await left(payment.referenceNo), {
    page_sessions: 1,
    otp_attempts: 0,
    payment_attempts: 3,
  })
  assert.match((await payment.page.get('?language=en')).html, /Payment successful/)
})

test('codes of what is still open stay, however old, and are still counted', async () => {
  const payment = await triedPayment()
  const binding = await askedAccount(stage)
  await binding.browser.post({ action: 'verify', code: '400001' })
  await age(payment.referenceNo, 30)
  await age(binding.referenceNo, 30)
  await forgetLeftovers(sqlOn(client), limits())
  assert.deepEqual(await left(payment.referenceNo, binding.referenceNo), {
    page_sessions: 2,
    otp_attempts: 1,
    payment_attempts: 2,
  })
  await binding.browser.post({ action: 'verify', code: '400001' })
  const [row] = await stage.query<{ attempts: number }>(
    'select attempts from bindings where reference_no = $1',
    [binding.referenceNo],
  )
  assert.equal(row?.attempts, 1, 'the same wrong code is known')
  await payment.page.type(PIN)
  assert.equal(await stateOf(stage, payment.partnerReferenceNo, 'paid'), 'paid')
})

test('nothing goes before its time is over by both clocks, the gateway’s and the database’s', async () => {
  const payment = await paidPayment()
  const counts = await left(payment.referenceNo)
  await forgetLeftovers(sqlOn(client), { ...limits(), now: Date.now() + 3650 * DAY_MS })
  assert.deepEqual(await left(payment.referenceNo), counts)
  await age(payment.referenceNo, 4)
  await closePage(payment.referenceNo)
  await forgetLeftovers(sqlOn(client), { ...limits(), now: Date.now() - 3650 * DAY_MS })
  assert.deepEqual(await left(payment.referenceNo), counts)
  await forgetLeftovers(sqlOn(client), limits())
  assert.deepEqual(Object.values(await left(payment.referenceNo)), [0, 0, 0])
})

test('a page that somebody holds is not waited for, and goes the next time', async () => {
  const [held, free] = [await paidPayment(), await paidPayment()]
  for (const { referenceNo } of [held, free]) await closePage(referenceNo)
  const holder = new pg.Client({ connectionString: stage.databaseUrl })
  await holder.connect()
  await holder.query('begin')
  await holder.query('select 1 from page_sessions where reference_no = $1 for update', [held.referenceNo])
  await client.query("set lock_timeout = '100ms'")
  await forgetLeftovers(sqlOn(client), limits())
  assert.deepEqual(
    [(await left(held.referenceNo)).page_sessions, (await left(free.referenceNo)).page_sessions],
    [1, 0],
  )
  await holder.query('rollback')
  await holder.end()
  await forgetLeftovers(sqlOn(client), limits())
  assert.equal((await left(held.referenceNo)).page_sessions, 0)
})

/** Notes what is asked, and of each statement how many rows it changed. */
function watched() {
  const statements: { readonly text: string; readonly values: unknown[]; readonly rows: number }[] = []
  const sql = sqlOn({
    async query(config: object) {
      const { text, values } = config as { text: string; values: unknown[] }
      const answer = await client.query(text, values)
      statements.push({ text, values, rows: answer.rows.length })
      return answer
    },
  })
  return { sql, statements }
}

test('codes of unbindings and wishes for codes go by their age alone', async () => {
  const account = await keepAccount(stage, 'cimb')
  const asked = await unbindAccount(stage.merchant, account.customerToken, { headers: H2H })
  await verify(stage, account, { action: 'otpUnbinding', otp: WRONG_OTP })
  const another = await debit(stage, cimb, aDebit(CIMB))
  const page = await new PageVisitor(another.body.webRedirectUrl).get('?language=en')
  await stage.query(
    `update payment_steps set otp_sent_at = now() - interval '2 minutes' where reference_no = $1`,
    [another.body.referenceNo],
  )
  await page.post({ action: 'resend' })
  const counts = async () => {
    const [row] = await stage.query<{ codes: number; wishes: number }>(
      `select (select count(*)::int from unbinding_attempts where reference_no = $1) codes,
              (select count(*)::int from otp_requests where reference_no = $2) wishes`,
      [asked.body.referenceNo, another.body.referenceNo],
    )
    return [row?.codes, row?.wishes]
  }
  assert.deepEqual(await counts(), [1, 1])
  await forgetLeftovers(sqlOn(client), limits())
  assert.deepEqual(await counts(), [1, 1])
  await stage.query(`update unbinding_attempts set tried_at = tried_at - interval '4 days'`)
  await stage.query(`update otp_requests set asked_at = asked_at - interval '4 days'`)
  await forgetLeftovers(sqlOn(client), limits())
  assert.deepEqual(await counts(), [0, 0])
})

test('little goes at a time, the first partner’s first, and all of it in the end', async () => {
  const merchants = [stage.merchant, await stage.addMerchant(), await stage.addMerchant()]
  const partners = merchants.map(({ keys }) => keys.partnerId).sort()
  for (const partnerId of partners) {
    const account = await askedAccount(
      stage,
      {},
      merchants.find(({ keys }) => keys.partnerId === partnerId),
    )
    await stage.query(
      `insert into page_sessions (partner_id, session_lookup, kind, reference_no, created_at, expires_at)
       select $1::text, sha256(($1::text || n)::bytea), 'binding', $2, now() - interval '2 days', now() - n * interval '1 minute'
         from generate_series(1, 5) n`,
      [partnerId, account.referenceNo],
    )
  }
  const [stopped, first] = [new AbortController(), watched()]
  const once = async (text: TemplateStringsArray, ...values: readonly unknown[]) => {
    stopped.abort()
    return first.sql(text, ...values)
  }
  await forgetLeftovers(once as typeof first.sql, { ...limits(), most: 3 }, stopped.signal)
  assert.deepEqual(
    first.statements.map(({ rows }) => rows),
    [3],
  )
  const overdue = () =>
    stage.query<{ partner_id: string; n: number }>(
      'select partner_id, count(*)::integer n from page_sessions where expires_at < now() group by 1 order by 1',
    )
  assert.deepEqual(
    (await overdue()).map(({ n }) => n),
    [2, 5, 5],
  )
  const { sql, statements } = watched()
  await forgetLeftovers(sql, { ...limits(), most: 3 })
  assert.deepEqual(await overdue(), [])
  assert.ok(statements.every(({ rows }) => rows <= 3))
})

test('each is found by an index that begins with the partner', async () => {
  const { sql, statements } = watched()
  await forgetLeftovers(sql, limits())
  assert.equal(statements.length, 5)
  await client.query('set enable_seqscan = off')
  await client.query('set enable_sort = off')
  for (const [place, index] of [
    'page_sessions_by_end',
    'otp_attempts_by_age',
    'payment_attempts_by_age',
    'unbinding_attempts_by_age',
    'otp_requests_by_age',
  ].entries()) {
    const { text = '', values = [] } = statements[place] ?? {}
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values)
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
    assert.match(plan, new RegExp(`using ${index} `), plan)
    assert.match(plan, /Tid Scan/, plan)
  }
  await client.query('reset all')
})
