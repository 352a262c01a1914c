import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { aPayment, type Merchant } from '../merchant.ts'
import { MINUTE_MS, type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { bodyOf } from './bodies.ts'
import type { Client } from './client.ts'
import { CLIENTS } from './clients.ts'
import { approveAtBank } from './customer-page.ts'
import { java } from './java.ts'
import { type Listener, NOTIFY_PATH, openListener, TOKEN_PATH } from './listener.ts'
import { node } from './node.ts'
import { php } from './php.ts'
import { python } from './python.ts'
import { Session } from './session.ts'
import { toJump } from './wishes.ts'

let stage: NotifiedStage
const listeners: Listener[] = []
before(async () => {
  stage = await openNotifiedStage()
})
after(async () => {
  await stage.close()
  await Promise.all(listeners.map((listener) => listener.close()))
})

/** A merchant of its own whose server runs that library. */
async function listening(client: Client): Promise<{ merchant: Merchant; listener: Listener }> {
  const merchant = await stage.addMerchant()
  const gatewayKey = createPublicKey(stage.config.signingKeyFile.reveal())
  const listener = await openListener(client, { ...merchant.keys, gatewayKey })
  listeners.push(listener)
  await stage.change(merchant, {
    urls: [
      { purpose: 'notification', url: `${listener.url}${NOTIFY_PATH}` },
      { purpose: 'token', url: `${listener.url}${TOKEN_PATH}` },
    ],
  })
  return { merchant, listener }
}

async function pay(merchant: Merchant): Promise<void> {
  const additionalInfo = {
    channel: 'KARTU_KREDIT_INDONESIA_SNAP',
    lineItems: [{ name: 'Kopi susu é 2/3', price: '10000.00', quantity: '1' }],
  }
  assert.equal((await merchant.pay(aPayment({ additionalInfo }))).body.responseCode, '2005400')
}

/** Waits until the one notification has been tried and is left for later. */
async function untilPutOff(merchant: Merchant): Promise<void> {
  const until = Date.now() + 10_000
  for (;;) {
    const [row] = await stage.untilThere(merchant, 1, 'pending')
    if (row?.attempts === 1) return
    assert.ok(Date.now() < until, `tried ${row?.attempts} times`)
    await wait(20)
  }
}

for (const client of CLIENTS) {
  test(`${client.name} believes the gateway, issues a token and takes the notification at once`, async () => {
    const { merchant, listener } = await listening(client)
    await pay(merchant)
    const [row] = await stage.untilThere(merchant, 1, 'delivered')
    assert.equal(row?.attempts, 1)
    assert.deepEqual(listener.asked, [true])
    assert.equal(listener.heard.length, 1)
    assert.equal(listener.heard[0]?.body.latestTransactionStatus, '00')
    assert.match(listener.heard[0]?.headers.authorization ?? '', /^Bearer \S+$/)
  })

  test(`${client.name} may write a notification again before it hashes it: the hash is the gateway's`, async () => {
    const { merchant, listener } = await listening(client)
    await pay(merchant)
    await stage.untilThere(merchant, 1, 'delivered')
    assert.deepEqual(
      listener.heard.map(({ fits }) => fits),
      [true],
    )
  })
}

test('php is told of what a wallet paid, by both names of its channel and with the kind of its account', async () => {
  const { merchant, listener } = await listening(php)
  const session = new Session(php, merchant)
  await session.mint({ at: stage.clock.now() })
  const channel = 'EMONEY_DANA_SNAP'
  const body = bodyOf(php, 'payment_jump_app', toJump(channel))
  const asked = await session.call('payment_jump_app', body, { at: stage.clock.now() })
  assert.equal(asked.body?.responseCode, '2005400', asked.text)
  await approveAtBank(stage, asked.body.referenceNo)
  await stage.untilThere(merchant, 1, 'delivered')
  const { latestTransactionStatus, additionalInfo } = listener.heard[0]?.body ?? {}
  assert.equal(latestTransactionStatus, '00')
  assert.deepEqual([additionalInfo.channel, additionalInfo.channelId], [channel, channel])
  assert.equal(additionalInfo.accountType, 'EMONEY')
  session.close()
})

test('a token that says how long it lives is used again, and one that does not say it is not', async () => {
  for (const client of CLIENTS) {
    const { merchant, listener } = await listening(client)
    for (let round = 1; round <= 2; round++) {
      await pay(merchant)
      await stage.untilThere(merchant, round, 'delivered')
    }
    assert.equal(listener.asked.length, client === node ? 2 : 1, client.name)
  }
})

test('a library that says that a token is wrong as if it were broken itself is told again later', async () => {
  const { merchant, listener } = await listening(python)
  listener.answer = () => [500, '{"responseCode":"5005600","responseMessage":"Invalid Token"}']
  await pay(merchant)
  await untilPutOff(merchant)
  assert.equal(listener.heard.length, 1)
  listener.answer = undefined
  stage.clock.jump(30 * MINUTE_MS)
  const [row] = await stage.untilThere(merchant, 1, 'delivered')
  assert.equal(row?.attempts, 2)
})

test('php refuses with 401, and falls over when it wants to say so: it is told again later', async () => {
  const { merchant, listener } = await listening(php)
  const page = '<br />\n<b>Fatal error</b>:  Uncaught TypeError'
  listener.answer = () => [listener.heard.length === 1 ? 401 : 500, page]
  await pay(merchant)
  await untilPutOff(merchant)
  // Once with a new token, as after every 401, and then no more.
  assert.deepEqual([listener.heard.length, listener.asked.length], [2, 2])
})

test('node checks a notification against another token than it issued: it is told twice and then later', async () => {
  const { merchant, listener } = await listening(node)
  listener.answer = () => [401, '{"responseCode":"4010000","responseMessage":"Unauthorized"}']
  await pay(merchant)
  await untilPutOff(merchant)
  assert.deepEqual([listener.heard.length, listener.asked.length], [2, 2])
})

test('a token that the library refuses to give ends the attempt, in whatever status it says so', async () => {
  for (const status of [200, 401]) {
    const { merchant, listener } = await listening(java)
    listener.issue = () => [
      status,
      '{"responseCode":"4017300","responseMessage":"Unauthorized. Invalid Signature"}',
    ]
    await pay(merchant)
    await untilPutOff(merchant)
    assert.equal(listener.heard.length, 0)
    listener.issue = undefined
    stage.clock.jump(30 * MINUTE_MS)
    await stage.untilThere(merchant, 1, 'delivered')
  }
})
