import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, watchTransactions } from './books.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
  await stage.merchant.pay()
  await stage.merchant.pay({ otp: '22220005' })
})
after(() => stage.close())

/** Each would be money lost, doubled or misreported; the second statement takes it back. */
const FALSIFICATIONS: Readonly<Record<string, string>> = {
  'a payment that is paid here and declined there': `
    update payments set state = 'paid', network_reference_no = 'X', released = '' where state = 'declined'`,
  'a payment that is paid there and reversed here': `
    update payments set state = 'reversed', released = reference_no where state = 'paid'`,
  'another amount': `update payments set amount_minor = amount_minor + 1 where state = 'paid'`,
  'a lost event': `delete from outbox where type = 'payment.settled.v1'`,
  'an event twice': `insert into outbox select partner_id, event_date, reference_no, 2, type, body, created_at from outbox`,
  'an event out of its turn': `update outbox set sequence = 2`,
  'an event that tells another state': `update outbox set body = (body::jsonb || '{"state":"reversed"}')::json`,
  'a lost reply': `update request_ids set reply = null`,
  'a yes that is stored for a no': `
    update request_ids set reply = '{"responseCode":"2005400"}' where reply not like '%2005400%'`,
}

for (const [falsification, statement] of Object.entries(FALSIFICATIONS)) {
  test(`the universal check notices ${falsification}`, async () => {
    const client = new pg.Client({ connectionString: stage.databaseUrl })
    await client.connect()
    await client.query('begin')
    const { rowCount } = await client.query(statement)
    assert.ok((rowCount ?? 0) > 0, 'the falsification changes something')
    const query: Stage['query'] = async <Row extends object>(text: string) =>
      (await client.query(text)).rows as Row[]
    await assert.rejects(assertBooksAgree({ ...stage, query }), assert.AssertionError)
    await client.query('rollback')
    await client.end()
    await assertBooksAgree(stage)
  })
}

test('the universal check notices a merchant that was told a falsehood', async () => {
  const externalId = newId()
  const answer = await stage.merchant.pay({}, { externalId })
  await assertBooksAgree(stage, [{ externalId, answer }])
  const declined = { ...answer, status: 403, body: { responseCode: '4035414' } }
  await assert.rejects(assertBooksAgree(stage, [{ externalId, answer: declined }]), assert.AssertionError)
  await assert.rejects(assertBooksAgree(stage, [{ externalId: newId(), answer }]), assert.AssertionError)
})

test('the watch notices a transaction that is left open', async () => {
  const client = new pg.Client({ connectionString: stage.databaseUrl })
  await client.connect()
  const stop = watchTransactions(stage)
  await client.query('begin')
  await client.query('select 1 from payments')
  // Idle in the transaction long enough for the watch to pass by several times.
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await client.query('rollback')
  await client.end()
  assert.ok((await stop()) >= 1)
})
