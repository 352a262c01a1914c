import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openStage, type Stage } from '../stage.ts'
import type { Wish } from './bodies.ts'
import { CLIENTS } from './clients.ts'
import { approveAtBank, approveInApp, type Customer, confirmOnPage } from './customer-page.ts'
import { ALL_CHANNELS, openWalk, type Walk } from './walk.ts'
import { aCustomer, SHOPS, type Shop, toJump, toPay, toRefund, WALLETS } from './wishes.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: ALL_CHANNELS })
})
after(() => stage.close())

/** Pays, and confirms as a customer does. */
async function pay(walk: Walk, shop: Shop, customer: Customer): Promise<Wish> {
  const wish = toPay(walk.client, shop)
  const asked = await walk.expect('2005400', 'payment', wish)
  assert.match(asked.body.webRedirectUrl, /\/direct-debit\/ui\/payment\/core\//)
  const { webRedirectUrl, referenceNo } = asked.body
  if (shop.asks === 'app') await approveInApp(stage, webRedirectUrl, referenceNo)
  else await confirmOnPage(stage, webRedirectUrl, customer)
  await walk.untilStands(wish, '00')
  return wish
}

async function payAndRefund(walk: Walk, shop: Shop, customer: Customer): Promise<void> {
  const wish = await pay(walk, shop, customer)
  await walk.expect('2000700', 'refund', toRefund(shop, wish, '5000.00'))
  const status = await walk.untilStands(wish, '00')
  assert.equal(status.body.refundHistory.length, 1)
}

for (const client of CLIENTS) {
  for (const name of ['cimb', 'allo', 'ovo'] as const)
    test(`${client.name} binds an account of ${name}, pays, gives back, asks and unbinds`, async (context) => {
      const [walk, shop, customer] = [await openWalk(stage, client, context), SHOPS[name], aCustomer()]
      const { channel } = shop
      await walk.redeem(await walk.keep(stage, shop, customer))
      await payAndRefund(walk, shop, customer)
      if (shop.hasBalance) {
        const { body } = await walk.expect('2001100', 'balance_inquiry', { channel })
        assert.match(body.accountInfos[0].amount.value, /^\d+\.\d\d$/)
      }
      const tokenId = walk.session.customerToken
      const unbound = name === 'cimb' ? '2000500' : '2000900'
      await walk.expect(unbound, 'account_unbinding', { channel, tokenId })
      const refused = await walk.expect('4015402', 'payment', toPay(client, shop))
      assert.deepEqual(Object.keys(refused.body), ['responseCode', 'responseMessage'])
    })

  // The library for Node takes cards of BRI alone, and Mandiri gives no money back.
  for (const name of client.name === 'node' ? (['bri'] as const) : (['bri', 'mandiri'] as const))
    test(`${client.name} registers a card of ${name}, pays, pays without asking and unbinds`, async (context) => {
      const [walk, shop, customer] = [await openWalk(stage, client, context), SHOPS[name], aCustomer()]
      const { channel } = shop
      await walk.redeem(await walk.keep(stage, shop, customer))
      if (name === 'bri') await payAndRefund(walk, shop, customer)
      else await pay(walk, shop, customer)
      const recurring = toPay(client, shop, { paymentType: 'RECURRING' })
      const paid = await walk.expect('2005400', 'payment', recurring)
      assert.equal(paid.body.webRedirectUrl, '')
      await walk.untilStands(recurring, '00')
      await walk.expect('2000500', 'card_unbinding', { channel, tokenId: walk.session.customerToken })
    })

  for (const channel of WALLETS)
    test(`${client.name} sends its customer to ${channel}, asks and gives back`, async (context) => {
      const walk = await openWalk(stage, client, context)
      const wish = toJump(channel)
      const asked = await walk.expect('2005400', 'payment_jump_app', wish)
      assert.ok(asked.body.webRedirectUrl.startsWith('http'), asked.text)
      await approveAtBank(stage, asked.body.referenceNo)
      await walk.untilStands(wish, '00')
      const shop = { channel, reference: SHOPS.cimb.reference }
      await walk.expect('2000700', 'refund', toRefund(shop, wish, '25000.00'))
      await walk.untilStands(wish, '04')
    })
}
