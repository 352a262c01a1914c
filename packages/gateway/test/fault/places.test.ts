import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { openStage, type Stage } from '../stage.ts'
import { control } from './books.ts'

const MOST = 5
let stage: Stage
before(async () => {
  stage = await openStage({
    env: { GERBANG_PARTNER_PAYMENTS: String(MOST), GERBANG_NETWORK_CONNECTIONS: String(MOST + 1) },
  })
})
after(() => stage.close())

test('a partner whose issuer is silent is refused before the claim, and leaves room for the others', async () => {
  const other = await stage.addMerchant()
  await Promise.all([stage.merchant.token(), other.token()])
  await control(stage, 'next', { fault: 'late', delayMs: 1_000, times: MOST })
  const held = Array.from({ length: MOST }, () => stage.merchant.pay())
  await wait(300)

  const refused = await stage.merchant.pay()
  assert.deepEqual([refused.status, refused.body.responseCode], [429, '4295400'])
  assert.equal(refused.headers['retry-after'], '1')
  const since = performance.now()
  assert.equal((await other.pay()).body.responseCode, '2005400')
  assert.ok(performance.now() - since < 500)

  for (const { body } of await Promise.all(held)) assert.equal(body.responseCode, '2005400')
  assert.equal((await stage.merchant.pay()).body.responseCode, '2005400', 'the places are free again')
  const [row] = await stage.query<{ count: number }>('select count(*)::int from payments')
  assert.equal(row?.count, MOST + 2, 'the refused one left no row')
})
