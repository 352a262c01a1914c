import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Channel } from '../../src/channels/channel.ts'
import { kkiChannel } from '../../src/channels/kki/index.ts'
import { aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { openWire, type Wire } from './wire.ts'

let stage: Stage
let wire: Wire
before(async () => {
  wire = await openWire()
  stage = await openStage()
  await stage.merchant.token()
})
afterEach(() => stage.query('drop function if exists pause cascade'))
after(async () => {
  await stage.close()
  await wire.close()
})

test('an order whose earlier attempt is declined while it is claimed again is not called inconsistent', async () => {
  const first = aPayment({ otp: '10000000' })
  assert.equal((await stage.merchant.call(PAYMENT_PATH, first)).body.responseCode, '2025400')
  await stage.query(`
    create function pause() returns trigger language plpgsql as $$ begin perform pg_sleep(1); return null; end $$;
    create trigger pause after insert on payments for each statement execute function pause()`)
  const again = stage.merchant.call(PAYMENT_PATH, { ...first, otp: '12345678' })
  const paused =
    "select 1 from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'"
  while ((await stage.query(paused)).length === 0) await wait(10)
  // The claim has met the living attempt and has not yet looked whose it is.
  await stage.query(
    `update payments set state = 'declined', outcome = 'doNotHonor', due_at = null, settled_at = now(), released = reference_no
      where partner_reference_no = $1`,
    [first.partnerReferenceNo],
  )
  assert.match((await again).body.responseCode, /^(2005400|4095401)$/)
})

test('a broken connection to the database is a fault of ours and not a bad request', async () => {
  const address = new URL(stage.databaseUrl)
  wire.leadTo(Number(address.port))
  address.port = String(wire.port)
  const { url } = await stage.openAnother(
    {},
    { DATABASE_URL: address.href, GERBANG_RECONCILE_EVERY_MS: '3600000' },
  )
  const { partnerReferenceNo } = aPayment()
  const ask = () =>
    stage.merchant.status({ originalPartnerReferenceNo: partnerReferenceNo }, { baseUrl: url })
  assert.equal((await ask()).body.responseCode, '4045501')
  const codes: string[] = []
  // On a busy machine a question may reach the wire only after it has been mended, and is then answered.
  for (let times = 0; times < 5 && !codes.includes('5005500'); times++) {
    wire.freeze()
    const asking = ask()
    await wait(200 * (times + 1))
    wire.reset()
    wire.thaw()
    codes.push((await asking).body.responseCode)
  }
  assert.equal(codes.pop(), '5005500')
  for (const code of codes) assert.equal(code, '4045501')
})

test('a yes of the network after a reversal is not told as a yes, and the operator learns of it', async () => {
  const network = kkiChannel({ url: stage.simulator.url, key: stage.config.networkKey, connections: 1 })
  let reverse = async () => {}
  // A network that breaks its word: it books after the expiry, when the gateway has given the charge up.
  const channel: Channel = {
    ...network,
    async charge(instruction, timeoutMs) {
      const answer = await network.charge(instruction, timeoutMs)
      await reverse()
      return answer
    },
  }
  const { url } = await stage.openAnother({ channels: [channel] }, { GERBANG_RECONCILE_EVERY_MS: '3600000' })
  const body = aPayment()
  const externalId = newId()
  const text = '{"responseCode":"5045400","responseMessage":"Timeout"}'
  reverse = async () => {
    await stage.query(
      `select p.reference_no, settled.applied from payments p, lateral settle_payments_v1(
           partner_id, request_date, '54', array[reference_no::text], array[external_id::text], '{"{submitted}"}', '{reversed}', '{timeout}', '{null}', '{null}',
           array[$2], '{payment.settled.v1}', array[current_date::text], array['{"state":"reversed"}'],
           array[now()::text], '{null}') as settled
        where external_id = $1`,
      [externalId, text],
    )
  }
  const answer = await stage.merchant.call(PAYMENT_PATH, body, { externalId, baseUrl: url })
  assert.equal(answer.text, text)
  const line = stage.logged.find((logged) => logged.includes(externalId))
  assert.match(String(line), /"fault":\{"name":"Contradiction"/)
})
