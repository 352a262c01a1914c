import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'

let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage()
})
after(() => stage.close())

const PAYMENTS = 6

async function openTold() {
  const merchant = await stage.addMerchant()
  await stage.subscribe(merchant, await stage.openSinkFor(merchant))
  return merchant
}

test('an ending that the database refuses costs no other partner’s notification a repetition', async () => {
  const [refused, heard] = [await openTold(), await openTold()]
  await stage.query(`create function refuse_attempts() returns trigger language plpgsql as $$
    begin raise exception 'refused' using errcode = 'check_violation'; end $$`)
  await stage.query(`create trigger refuse_attempts before insert on notification_attempts
    for each row when (new.partner_id = '${refused.keys.partnerId}') execute function refuse_attempts()`)

  const payments = Array.from({ length: PAYMENTS }, () => [refused.pay(), heard.pay()]).flat()
  await Promise.all(payments)
  const delivered = await stage.untilThere(heard, PAYMENTS, 'delivered')
  assert.deepEqual(
    delivered.map(({ takings }) => takings),
    Array(PAYMENTS).fill(1),
  )
  const lost = await stage.untilThere(refused, PAYMENTS, 'pending')
  assert.deepEqual(new Set(lost.map(({ attempts }) => attempts)), new Set([0]))
})
