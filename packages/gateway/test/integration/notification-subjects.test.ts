import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Merchant } from '../merchant.ts'
import { HOUR_MS, type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { NOTIFY_PATH, type Sink, TOKEN_PATH } from '../partner-sink.ts'
import { settlePayments } from '../settled-payments.ts'

let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage()
})
after(() => stage.close())

async function openTold(): Promise<{ merchant: Merchant; sink: Sink }> {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink)
  return { merchant, sink }
}

async function writeEvent(
  merchant: Merchant,
  event: { no: string; type: string; body?: unknown },
): Promise<void> {
  await stage.query(
    `insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
     values ($1, current_date, $2, 1, $3, $4, now())`,
    [
      merchant.keys.partnerId,
      event.no,
      event.type,
      JSON.stringify(event.body === undefined ? {} : event.body),
    ],
  )
}

const TOKEN = 'c0ffee'.padEnd(32, '0')

async function bind(merchant: Merchant, no: string, bankCardToken: string | null): Promise<void> {
  await stage.query(
    `insert into bindings (partner_id, reference_no, external_id, request_date, channel, flow, cust_id_merchant, card_lookup,
       issuer_number, last_four, auth_code_lookup, state, bank_card_token, created_at, expires_at, settled_at)
     values ($1, $2::text, 'E' || $2::text, current_date, 'KARTU_KREDIT_INDONESIA_SNAP', 'DH', 'C-' || $2::text, sha256($2::text::bytea), '93600002',
       '0037', sha256($2::text::bytea), $3, $4, now(), now(), now())`,
    [merchant.keys.partnerId, no, bankCardToken === null ? 'failed' : 'active', bankCardToken],
  )
}

test('a payment that kept its card tells the token, which stands in no event, no attempt and no line of the log', async () => {
  const { merchant, sink } = await openTold()
  await settlePayments(stage, merchant, [{ no: 'V2', bankCardToken: TOKEN }])
  await sink.untilTold(1)
  assert.equal(sink.told[0]?.body.additionalInfo.bankCardToken, TOKEN)
  assert.equal(sink.told[0]?.body.additionalInfo.bindStatus, 'SUCCESS')
  await stage.untilThere(merchant, 1, 'delivered')
  const kept = await stage.query(
    `select (select json_agg(a) from notification_attempts a) as attempts, (select json_agg(n) from notifications n) as rows,
            (select json_agg(o) from outbox o) as events`,
  )
  const text = JSON.stringify(kept) + stage.logged.join('')
  assert.ok(text.includes('[masked]'))
  assert.ok(!text.includes(TOKEN))
})

test('what the partner sent with a payment is told again, in the body and in the headers', async () => {
  const { merchant, sink } = await openTold()
  const particulars = {
    custIdMerchant: 'C-9',
    lineItems: [{ name: 'Kopi', price: '10000.00', quantity: 1 }],
    deviceId: '95221',
    ipAddress: '203.0.113.9',
  }
  const odd = { deviceId: 'naïve\r\nX-Evil: 1', ipAddress: 7 }
  await settlePayments(stage, merchant, [
    { no: 'P1', particulars },
    { no: 'P2', particulars: odd },
  ])
  await sink.untilTold(2)
  const [first, second] = sink.told.toSorted((a, b) => a.text.localeCompare(b.text))
  assert.deepEqual([first?.headers['x-device-id'], first?.headers['x-ip-address']], ['95221', '203.0.113.9'])
  assert.deepEqual(first?.body.additionalInfo.lineItems, particulars.lineItems)
  assert.equal(first?.body.additionalInfo.custIdMerchant, 'C-9')
  assert.deepEqual([second?.headers['x-device-id'], second?.headers['x-ip-address']], [undefined, undefined])
})

test('a payment may name another host for its notification, with the same path', async () => {
  const { merchant, sink } = await openTold()
  const other = await stage.openSinkFor(merchant)
  await settlePayments(stage, merchant, [
    { no: 'O1', particulars: { notificationUrl: `${other.url}${NOTIFY_PATH}` } },
    { no: 'O2', particulars: { notificationUrl: `${other.url}/elsewhere` } },
  ])
  await other.untilTold(1)
  await sink.untilTold(1)
  assert.equal(other.told[0]?.body.originalReferenceNo, 'O1')
  assert.equal(sink.told[0]?.body.originalReferenceNo, 'O2')
  await stage.untilThere(merchant, 2, 'delivered')
})

test('a payment’s own host is no way inside', async () => {
  const { merchant, sink } = await openTold()
  const { port } = new URL(sink.url)
  await settlePayments(stage, merchant, [
    { no: 'I1', particulars: { notificationUrl: `http://169.254.169.254:${port}${NOTIFY_PATH}` } },
  ])
  const until = Date.now() + 5_000
  let attempts: { reason: string; status: number | null; response_body: string | null }[] = []
  while (attempts.length === 0 && Date.now() < until)
    attempts = await stage.query('select * from notification_attempts where partner_id = $1', [
      merchant.keys.partnerId,
    ])
  const [{ reason, status, response_body }] = attempts as [(typeof attempts)[number]]
  assert.deepEqual([reason, status, response_body], ['refused: an address that is not public', null, null])
})

test('a refund is told when nothing is left of the payment, and not before', async () => {
  const { merchant, sink } = await openTold()
  await settlePayments(stage, merchant, [{ no: 'F1' }])
  await sink.untilTold(1)
  const refund = (isFullyRefunded: boolean) => ({ originalReferenceNo: 'F1', isFullyRefunded })
  await writeEvent(merchant, { no: 'R1', type: 'refund.settled.v1', body: refund(false) })
  await writeEvent(merchant, { no: 'R2', type: 'refund.settled.v1', body: refund(true) })
  await sink.untilTold(2)
  assert.deepEqual(
    [sink.told[1]?.body.latestTransactionStatus, sink.told[1]?.body.originalReferenceNo],
    ['04', 'F1'],
  )
  await stage.untilThere(merchant, 2, 'delivered')
  assert.equal(sink.told.length, 2)
})

test('the end of a binding is told to partners who have a URL for it, with a code that opens it', async () => {
  const { merchant, sink } = await openTold()
  const { merchant: silent, sink: silentSink } = await openTold()
  await stage.change(merchant, { urls: [{ purpose: 'binding', url: `${sink.url}/binding` }] })
  await settlePayments(stage, merchant, [{ no: 'T1', bankCardToken: TOKEN.replace('c', 'd') }])
  await sink.untilTold(1)
  for (const one of [merchant, silent]) {
    const token = one === merchant ? TOKEN.replace('c', 'd') : null
    await bind(one, 'B1', token)
    await bind(one, 'B2', null)
    await writeEvent(one, { no: 'B1', type: 'card.binding.completed.v1' })
    await writeEvent(one, { no: 'B2', type: 'card.binding.failed.v1' })
  }
  await sink.untilTold(3)
  const [bound, failed] = sink.told.slice(1).toSorted((a, b) => a.text.localeCompare(b.text))
  assert.equal(bound?.path, '/binding')
  assert.equal(bound?.proof, 'symmetric')
  const { authCode, ...rest } = bound?.body.additionalInfo ?? {}
  assert.deepEqual(rest, {
    status: 'SUCCESS',
    custIdMerchant: 'C-B1',
    bankCardToken: TOKEN.replace('c', 'd'),
  })
  assert.match(authCode, /^2238\d{36}$/)
  const { authCode: failedCode, ...failedRest } = failed?.body.additionalInfo ?? {}
  assert.deepEqual(failedRest, { status: 'FAILED', custIdMerchant: 'C-B2' })
  assert.match(failedCode, /^2238\d{36}$/)
  assert.notEqual(failedCode, authCode)
  assert.equal(silentSink.told.length, 0)
  const kept = await stage.query(
    "select request_body from notification_attempts where request_body like '%authCode%'",
  )
  for (const code of [authCode, failedCode]) assert.ok(!JSON.stringify(kept).includes(code))
})

test('what cannot be read is put aside with its reason, and those beside it go on', async () => {
  const { merchant, sink } = await openTold()
  await writeEvent(merchant, { no: 'X1', type: 'payment.settled.v1', body: 'no payment has this number' })
  await writeEvent(merchant, { no: 'X2', type: 'refund.settled.v1', body: null })
  await writeEvent(merchant, {
    no: 'X3',
    type: 'refund.settled.v1',
    body: { isFullyRefunded: true, originalReferenceNo: 'a\u0000b' },
  })
  await writeEvent(merchant, { no: 'X4', type: 'card.binding.completed.v1', body: [] })
  await writeEvent(merchant, { no: 'X5', type: 'unheard.of.v1' })
  await settlePayments(stage, merchant, [
    { no: 'X6', particulars: { notificationUrl: { toString: 'x' }, lineItems: 'none', custIdMerchant: 5 } },
    { no: 'X7', particulars: [] },
  ])
  // Settled by its event and not by its row: the body cannot be written.
  await stage.query(
    "update payments set state = 'waiting', due_at = now() + interval '1 day', settled_at = null where reference_no = 'X7'",
  )
  await sink.untilTold(1)
  await stage.untilThere(merchant, 1, 'delivered')
  const rows = await stage.untilThere(merchant, 4, 'given-up')
  assert.deepEqual(
    rows.map(({ reference_no, state, reason }) => [reference_no, state, reason]),
    [
      ['X1', 'given-up', 'the event cannot be read'],
      ['X2', 'given-up', 'the event cannot be read'],
      ['X3', 'given-up', 'the event cannot be read'],
      ['X6', 'delivered', null],
      ['X7', 'given-up', 'the body cannot be written'],
    ],
  )
  const metrics = await stage.gateway.metrics.registry.metrics()
  assert.match(metrics, /gerbang_notifications_given_up_total 4/)
  await stage.change(merchant, { urls: [{ purpose: 'token', url: `${sink.url}${TOKEN_PATH}` }] })
})

test('a URL that is none gives up its own notification alone', async () => {
  const { merchant } = await openTold()
  await stage.query(
    "update partner_urls set url = 'http://[' where partner_id = $1 and purpose = 'notification'",
    [merchant.keys.partnerId],
  )
  await settlePayments(stage, merchant, [{ no: 'U1' }])
  const [row] = await stage.untilThere(merchant, 1, 'given-up')
  assert.equal(row?.reason, 'the URL cannot be read')
})

test('after a restore from a dump, which counts transactions anew, nothing is lost and nothing is told twice', async () => {
  const { merchant, sink } = await openTold()
  await settlePayments(stage, merchant, [{ no: 'D1' }])
  await sink.untilTold(1)
  await stage.untilThere(merchant, 1, 'delivered')
  const far = 10n ** 12n
  await stage.query('begin; lock table outbox_readers in exclusive mode; commit')
  await stage.query(`with moved as (update outbox_readers set read_up_to = '${far}'::text::xid8)
    update outbox set xid = '${far - 5n}'::text::xid8`)
  await settlePayments(stage, merchant, [{ no: 'D2' }])
  await sink.untilTold(2)
  await settlePayments(stage, merchant, [{ no: 'D3' }])
  await sink.untilTold(3)
  await stage.untilThere(merchant, 3, 'delivered')
  assert.deepEqual(
    sink.told.map(({ body }) => body.originalReferenceNo),
    ['D1', 'D2', 'D3'],
  )
})

test('an event whose transaction is still open is not passed by, however many come after it', async () => {
  const { merchant, sink } = await openTold()
  const open = await openTransaction()
  await open.query('select pg_current_xact_id()')
  await settlePayments(stage, merchant, [{ no: 'L1' }])
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(sink.told.length, 0, 'what an older transaction may still write comes first')
  await settlePayments({ query: open.query }, merchant, [{ no: 'L0' }])
  await open.end()
  await sink.untilTold(2)
  assert.deepEqual(sink.told.map(({ body }) => body.originalReferenceNo).sort(), ['L0', 'L1'])
})

async function openTransaction() {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: stage.databaseUrl })
  await client.connect()
  await client.query('begin')
  return {
    query: async <Row extends object>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as Row[],
    end: async () => {
      await client.query('commit')
      await client.end()
    },
  }
}

test('a URL that no row can hold, set after the first attempt, gives up its own notification alone', async () => {
  const { merchant, sink } = await openTold()
  sink.answer = () => 500
  await settlePayments(stage, merchant, [{ no: 'L1' }])
  await sink.untilTold(1)
  await stage.query(
    "update partner_urls set url = 'https://' || repeat('a', 310) || '/x' where partner_id = $1 and purpose = 'notification'",
    [merchant.keys.partnerId],
  )
  stage.clock.jump(HOUR_MS)
  const [row] = await stage.untilThere(merchant, 1, 'given-up')
  assert.equal(row?.reason, 'the URL cannot be read')
})
