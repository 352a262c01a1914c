import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { openStage, type Stage } from '../stage.ts'
import { CLIENTS } from './clients.ts'
import { approveAtBank } from './customer-page.ts'
import { java } from './java.ts'
import { node } from './node.ts'
import { python } from './python.ts'
import { ALL_CHANNELS, openWalk } from './walk.ts'
import { aCustomer, SHOPS, toJump, toPay, toRefund } from './wishes.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: ALL_CHANNELS })
})
after(() => stage.close())

const { cimb, bri, ovo } = SHOPS
const RECURRING = { paymentType: 'RECURRING' }
const INVALID_CUSTOMER = { responseCode: '4015402', responseMessage: 'Invalid Customer Token' }
const NO_CUSTOMER = { responseCode: '4015404', responseMessage: 'Customer Token Not Found' }

test('python asks for both tokens before each payment with one authCode, and every payment is made', async (context) => {
  const walk = await openWalk(stage, python, context)
  const authCode = await walk.keep(stage, bri, aCustomer())
  for (let round = 0; round < 4; round++) {
    const at = Date.now()
    await walk.session.mint({ at })
    await walk.session.redeem(authCode, { at })
    await walk.expect('2005400', 'payment', toPay(python, bri, RECURRING), { at })
  }
})

test('java asks with one authCode before each call, and after a refusal says that it has none', async (context) => {
  const walk = await openWalk(stage, java, context)
  const customer = aCustomer()
  const authCode = await walk.keep(stage, bri, customer)
  for (let round = 0; round < 3; round++) {
    await walk.redeem(authCode)
    await walk.expect('2005400', 'payment', toPay(java, bri, RECURRING))
  }
  const tokenId = walk.session.customerToken
  await walk.expect('2000500', 'card_unbinding', { channel: bri.channel, tokenId })
  const refused = await walk.session.redeem(authCode)
  assert.equal(refused.status, 401)
  const answer = await walk.expect('4015404', 'payment', toPay(java, bri, RECURRING), { customerToken: null })
  assert.deepEqual(answer.body, NO_CUSTOMER)
})

for (const client of CLIENTS) {
  test(`${client.name} has one place for a customer's token, and whose token it is is charged`, async (context) => {
    const walk = await openWalk(stage, client, context)
    const [first, second] = [aCustomer(), aCustomer()]
    const authCode = await walk.keep(stage, ovo, first)
    await walk.keep(stage, ovo, second)
    await walk.redeem(authCode)
    const wish = toPay(client, ovo, { ...RECURRING, custIdMerchant: 'CUST-SECOND' })
    const { body } = await walk.expect('2005400', 'payment', wish)
    const [charged] = await stage.query<{ last_four: string }>(
      `select k.last_four from payments p join card_tokens k using (partner_id, bank_card_token)
        where p.partner_id = $1 and p.reference_no = $2`,
      [walk.merchant.keys.partnerId, body.referenceNo],
    )
    assert.equal(charged?.last_four, first.phoneNo.slice(-4))
  })

  test(`${client.name} gives one customer's money back with the token of another, and is told so in two members`, async (context) => {
    const walk = await openWalk(stage, client, context)
    const first = await walk.keep(stage, ovo, aCustomer())
    const second = await walk.keep(stage, ovo, aCustomer())
    await walk.redeem(first)
    const paid = toPay(client, ovo, RECURRING)
    await walk.expect('2005400', 'payment', paid)
    await walk.redeem(second)
    const refused = await walk.call('refund', toRefund(ovo, paid, '1000.00'))
    assert.deepEqual(refused.body, { responseCode: '4040718', responseMessage: 'Inconsistent Request' })
    walk.read('refund', refused)
    await walk.redeem(first)
    await walk.expect('2000700', 'refund', toRefund(ovo, paid, '1000.00'))
  })

  test(`${client.name} keeps a customer's token for ever, and is told in two members when it has ended`, async (context) => {
    const walk = await openWalk(stage, client, context)
    await walk.redeem(await walk.keep(stage, cimb, aCustomer()))
    const tokenId = walk.session.customerToken
    const ahead = 16 * 86_400_000
    const clock = { ...systemClock, now: () => Date.now() + ahead, shiftMs: () => ahead }
    const { gateway, url: baseUrl } = await stage.openAnother({ clock })
    // Its loops would end what other tests begin.
    context.after(() => gateway.close())
    await walk.session.mint({ baseUrl })
    const refused = await walk.expect('4015402', 'payment', toPay(client, cimb), { baseUrl })
    assert.deepEqual(refused.body, INVALID_CUSTOMER)
    await walk.expect('2000500', 'account_unbinding', { channel: cimb.channel, tokenId }, { baseUrl })
  })

  test(`${client.name} pays without a customer's token where one is wanted, and is told so in two members`, async (context) => {
    const walk = await openWalk(stage, client, context)
    for (const customerToken of [null, '']) {
      const answer = await walk.expect('4015404', 'payment', toPay(client, cimb), { customerToken })
      assert.deepEqual(answer.body, NO_CUSTOMER)
    }
    const strange = await walk.expect('4015402', 'payment', toPay(client, cimb), { customerToken: 'x.y.z' })
    assert.deepEqual(strange.body, INVALID_CUSTOMER)
  })
}

test('node never says which device a wallet is opened on: that is noted, and the payment goes on', async (context) => {
  const walk = await openWalk(stage, node, context)
  const { body } = await walk.expect('2005400', 'payment_jump_app', toJump('EMONEY_DANA_SNAP'))
  const lines = stage.logged.map((line) => JSON.parse(line))
  const line = lines.find(
    (one) => one.referenceNo === body.referenceNo && one.operation === 'payment-host-to-host',
  )
  assert.equal(line?.missingHeaders, 'X-DEVICE-ID')
  await approveAtBank(stage, body.referenceNo)
})

for (const client of CLIENTS)
  test(`${client.name} asks faster than it may, and is told when to come again`, async (context) => {
    const walk = await openWalk(stage, client, context)
    const { url: baseUrl } = await stage.openAnother({}, { GERBANG_PARTNER_REQUESTS_PER_SECOND: '1' })
    const wish = { channel: cimb.channel, originalPartnerReferenceNo: 'INV-NEVER' }
    const answers = []
    for (let round = 0; round < 4; round++) answers.push(await walk.call('check_status', wish, { baseUrl }))
    const last = answers.at(-1)
    assert.equal(last?.status, 429, last?.text)
    assert.deepEqual(last.body, { responseCode: '4295500', responseMessage: 'Too Many Requests' })
    assert.match(String(last.headers['retry-after']), /^\d+$/)
    walk.read('check_status', last)
  })

test('a bank that keeps silent is a timeout that every library can read', async (context) => {
  const outage = (mode: string) =>
    fetch(`${stage.simulator.url}/_sim/outage`, { method: 'POST', body: JSON.stringify({ mode }) })
  const walks = []
  for (const client of CLIENTS) {
    const walk = await openWalk(stage, client, context)
    await walk.redeem(await walk.keep(stage, bri, aCustomer()))
    walks.push(walk)
  }
  await outage('hang')
  context.after(() => outage('up'))
  const answers = await Promise.all(
    walks.map((walk) => walk.expect('5045400', 'payment', toPay(walk.client, bri, RECURRING))),
  )
  for (const { body } of answers)
    assert.deepEqual(body, { responseCode: '5045400', responseMessage: 'Timeout' })
})
