import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Bindings } from '../../src/channels/channel.ts'
import { kkiChannel } from '../../src/channels/kki/index.ts'
import { newReferenceNo } from '../../src/payment/order.ts'
import { Secret } from '../../src/secret.ts'
import { type KeptCard, keepCardOf, readCard, unbind, untilEnded } from '../kept-cards.ts'
import { CARD, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { control } from './books.ts'

const TIMEOUT_MS = 400
let stage: Stage
let channel: ReturnType<typeof kkiChannel>
before(async () => {
  stage = await openStage({
    env: {
      GERBANG_UNBINDING_EVERY_MS: '20',
      GERBANG_UNBINDING_TIMEOUT_MS: String(TIMEOUT_MS),
      GERBANG_UNBINDING_FIRST_PAUSE_MS: '20',
      GERBANG_UNBINDING_LONGEST_PAUSE_MS: '100',
    },
  })
  channel = kkiChannel({ url: stage.simulator.url, key: stage.config.networkKey, connections: 4 })
})
after(async () => {
  await channel.close()
  await stage.close()
})

function cards(): Bindings {
  assert.ok(channel.bindings)
  return channel.bindings
}

/** A card that the network keeps as well. */
async function bind(customer: string): Promise<KeptCard & { readonly networkToken: Secret }> {
  const merchantId = stage.merchant.keys.partnerId
  const referenceNo = newReferenceNo(Date.now())
  const sent = await cards().bind(
    {
      referenceNo,
      merchantId,
      merchantReferenceNo: referenceNo,
      customerId: customer,
      subject: { kind: 'card', cardNumber: new Secret(CARD), oneTimeToken: undefined },
      phoneNo: new Secret('6281234567890'),
      expiresAt: Date.now() + 60_000,
    },
    5_000,
  )
  assert.equal(sent.kind, 'otp-sent', JSON.stringify(sent))
  const bound = await cards().verifyOtp(
    { referenceNo, step: 'otp', attempt: 1, code: new Secret('111000') },
    5_000,
  )
  assert.ok(bound.kind === 'bound')
  const { networkToken } = bound
  const kept = await keepCardOf(stage, { customer, networkToken: networkToken.reveal() })
  return { ...kept, networkToken }
}

/** Whether the network still charges the card without its holder. */
async function isCharged(networkToken: Secret): Promise<boolean> {
  const now = Date.now()
  const answer = await channel.charge(
    {
      referenceNo: newReferenceNo(now),
      merchantId: stage.merchant.keys.partnerId,
      merchantReferenceNo: newId(),
      amountMinor: 100_000n,
      source: { kind: 'token', networkToken, oneTimeToken: undefined, isRecurring: true },
      expiresAt: now + 10_000,
      confirmBy: now + 10_000,
    },
    5_000,
  )
  return answer.kind === 'paid'
}

test('a card that was unbound is charged by the network no more', async () => {
  const { bankCardToken, networkToken } = await bind('CUST1')
  assert.ok(await isCharged(networkToken))
  assert.equal((await unbind(stage.merchant, bankCardToken)).status, 200)
  assert.equal((await untilEnded(stage, bankCardToken)).card, 'inactive')
  assert.ok(!(await isCharged(networkToken)))
})

test('a card that the network does not let go is active again, here and there', async () => {
  const { bankCardToken, networkToken } = await bind('UNBINDFAIL2')
  await unbind(stage.merchant, bankCardToken)
  const line = await untilEnded(stage, bankCardToken)
  assert.deepEqual([line.card, line.unbindings], ['active', ['failed']])
  assert.ok(await isCharged(networkToken))
  // What the next test binds is another token of the same card.
  await stage.query("update bindings set state = 'inactive' where bank_card_token = $1", [bankCardToken])
  await stage.query(
    `update card_tokens set state = 'inactive', unbound_at = now(), data_key_sealed = null, card_sealed = null,
            network_token_sealed = null where bank_card_token = $1`,
    [bankCardToken],
  )
})

for (const fault of ['drop-before', 'drop-after', 'garbage', 'reset', 'late', 'duplicate'])
  test(`after the fault ${fault} of the network the card is forgotten all the same`, async () => {
    const { bankCardToken, networkToken } = await bind('CUST3')
    const match = { operation: 'unbinding', merchantId: stage.merchant.keys.partnerId }
    await control(stage, 'next', { fault, match, ...(fault === 'late' && { delayMs: TIMEOUT_MS * 2 }) })
    await unbind(stage.merchant, bankCardToken)
    const line = await untilEnded(stage, bankCardToken)
    assert.deepEqual([line.card, line.unbindings, line.sealed], ['inactive', ['completed'], 0])
    assert.ok(!(await isCharged(networkToken)))
  })

test('a network that is down is waited for', async () => {
  const { bankCardToken } = await bind('CUST4')
  await control(stage, 'outage', { mode: 'down' })
  const { status } = await unbind(stage.merchant, bankCardToken)
  assert.equal(status, 200)
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal((await readCard(stage, bankCardToken)).card, 'unbinding')
  await control(stage, 'outage', { mode: 'up' })
  assert.equal((await untilEnded(stage, bankCardToken)).card, 'inactive')
})
