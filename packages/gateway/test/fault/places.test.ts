import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openStage, type Stage } from '../stage.ts'
import { control } from './books.ts'

const MOST = 5
let stage: Stage
before(async () => {
  stage = await openStage({
    env: {
      GERBANG_PARTNER_PAYMENTS: String(MOST),
      GERBANG_NETWORK_CONNECTIONS: String(MOST + 1),
      GERBANG_NETWORK_TIMEOUT_MS: '10000',
      GERBANG_NETWORK_EXPIRY_MS: '12000',
    },
  })
})
after(() => stage.close())

async function countPayments(): Promise<number> {
  const [row] = await stage.query<{ count: number }>('select count(*)::int from payments')
  return row?.count ?? 0
}

test('a partner whose issuer is silent is refused before the claim, and leaves room for the others', async () => {
  const other = await stage.addMerchant()
  await Promise.all([stage.merchant.token(), other.token()])
  await control(stage, 'next', { fault: 'late', delayMs: 3_000, times: MOST })
  const held = Array.from({ length: MOST }, () => stage.merchant.pay())
  while ((await countPayments()) < MOST) await wait(10)
  const firstOfHeld = Promise.race(held)

  const refused = await stage.merchant.pay()
  assert.deepEqual([refused.status, refused.body.responseCode], [429, '4295400'])
  assert.equal(refused.headers['retry-after'], '1')
  const others = other.pay()
  assert.equal((await others).body.responseCode, '2005400')
  assert.equal(await Promise.race([firstOfHeld, others]), await others, 'before the issuer has said a word')

  for (const { body } of await Promise.all(held)) assert.equal(body.responseCode, '2005400')
  assert.equal((await stage.merchant.pay()).body.responseCode, '2005400', 'the places are free again')
  assert.equal(await countPayments(), MOST + 2, 'the refused one left no row')
})
