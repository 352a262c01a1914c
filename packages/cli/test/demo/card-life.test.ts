import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { aDemo } from './demo.ts'

const CARD = ['--cpan', '9360000220000000037', '--phone', '081234567890']

test('a card is kept with the code of the inbox, pays, gives back, and is forgotten', async (t) => {
  const demo = await aDemo(t)
  const bound = await demo.ask<{ verification: { bankCardToken: string; authCode: string } }>(
    ...['bind', ...CARD, '--customer', 'CUST01', '--otp', 'inbox'],
  )
  const { bankCardToken, authCode } = bound.verification
  assert.match(bankCardToken, /^[0-9a-f]{32}$/)
  const inbox = await demo.run('inbox', '--phone', '081234567890')
  assert.match(inbox.out, /^\S+ {2}6281234567890 {2}\d{6} {2}for \S+$/m)

  const pay = ['pay', '--token', bankCardToken, '--amount', '9000', '--reference']
  assert.equal((await demo.run(...pay, 'INV-V4', '--recurring')).code, 0)
  const { accessToken } = await demo.ask<{ accessToken: string }>('token', '--auth-code', authCode)
  assert.equal((await demo.run(...pay, 'INV-V3', '--customer-token', accessToken)).code, 0)
  const refunded = await demo.run('refund', 'INV-V3', '--amount', '4000', '--reason', 'broken')
  assert.match(refunded.out, /^Refunded\./, refunded.err)
  const status = await demo.run('status', 'INV-V3')
  assert.match(status.out, /^ {2}refund +refunded {2}4000\.00 {2}R\S+ {2}\S+ {2}broken$/m)
  assert.equal((await demo.run('refund', 'INV-V3', '--amount', '5001')).code, 4, 'more than is left')

  assert.match((await demo.run('unbind', bankCardToken)).out, /^Unbinding\./)
  const refused = await demo.run(...pay, 'INV-AFTER')
  assert.equal(refused.code, 4)
  assert.match(refused.err, /^4035418/)

  // A card that is still being forgotten cannot be kept anew.
  const again = ['bind', ...CARD, '--customer', 'CUST02']
  for (let tries = 0; tries < 20 && (await demo.run(...again)).code !== 0; tries++) await wait(200)
  const page = await demo.ask<{ redirectUrl: string }>(...again)
  const shown = await fetch(page.redirectUrl)
  assert.equal(shown.status, 200)
  assert.match(shown.headers.get('content-type') ?? '', /^text\/html/)
})
