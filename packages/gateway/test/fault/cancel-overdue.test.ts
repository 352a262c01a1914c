import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Gateway } from '../../src/index.ts'
import { CANCEL_PATH, REFUND_PATH } from '../kept-accounts.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { aJump, WalletNetwork } from '../wallet-network.ts'

const wallet = new WalletNetwork()
let stage: Stage
let gateways: readonly Gateway[]
before(async () => {
  const env = { GERBANG_CANCELLATION_ALERT_SECONDS: '1', GERBANG_LONGEST_PAUSE_MS: '100' }
  stage = await openStage({ seams: { channels: [wallet.channel] }, env })
  const another = await stage.openAnother({ channels: [wallet.channel] })
  gateways = [stage.gateway, another.gateway]
})
after(() => stage.close())

const alerts = () =>
  stage.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'cancellation overdue')

async function counted(): Promise<number> {
  const texts = await Promise.all(gateways.map(({ metrics }) => metrics.registry.metrics()))
  return texts
    .map((text) => Number(/^gerbang_cancellations_overdue_total (\d+)$/m.exec(text)?.[1]))
    .reduce((sum, one) => sum + one, 0)
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !(await isSo()); await wait(30)) assert.ok(Date.now() < end)
}

test('a cancellation that gets no clear word for long is told of once, and stays open until the wallet gives one', async () => {
  const originalPartnerReferenceNo = newId()
  await stage.merchant.call(PAYMENT_PATH, aJump(originalPartnerReferenceNo))
  wallet.moods.cancel = 'never hears'
  const cancel = () => stage.merchant.call(CANCEL_PATH, { originalPartnerReferenceNo })
  assert.equal((await cancel()).status, 504)
  assert.deepEqual(alerts(), [])

  await until(() => alerts().length > 0)
  const rowOf = async () =>
    (
      await stage.query<{ state: string; inquiries: number; reference_no: string }>(
        'select state, inquiries, reference_no from cancellations',
      )
    )[0]
  const then = await rowOf()
  await until(async () => ((await rowOf())?.inquiries ?? 0) > (then?.inquiries ?? 0) + 5)
  const [alert, ...more] = alerts()
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alert.level, alert.partner, alert.referenceNo, alert.channel, alert.cause],
    [50, stage.merchant.keys.partnerId, then?.reference_no, wallet.channel.profile.name, 'a test'],
  )
  assert.equal(await counted(), 1)
  assert.equal((await rowOf())?.state, 'unresolved')
  const refund = { originalPartnerReferenceNo, partnerRefundNo: newId() }
  const refundAmount = { value: '1.00', currency: 'IDR' }
  const refused = await stage.merchant.call(REFUND_PATH, { ...refund, refundAmount })
  assert.equal(refused.body.responseCode, '4040700', 'the amount is held')

  wallet.moods.cancel = 'does it'
  await until(async () => (await rowOf())?.state === 'cancelled')
  assert.equal((await cancel()).body.responseCode, '2005700')
})

test('a cancellation that is answered in time is told to nobody', async () => {
  wallet.moods.cancel = 'does it'
  const originalPartnerReferenceNo = newId()
  await stage.merchant.call(PAYMENT_PATH, aJump(originalPartnerReferenceNo))
  const told = alerts().length
  await stage.merchant.call(CANCEL_PATH, { originalPartnerReferenceNo })
  await wait(1_500)
  assert.equal(alerts().length, told)
})
