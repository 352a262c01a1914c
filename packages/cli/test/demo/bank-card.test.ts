import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aDemo } from './demo.ts'

/** Sari of the simulator's people. */
const CARD = ['--cpan', '7801', '--expiry', '1230', '--card-type', 'D', '--phone', '081200000001']

test('a bank keeps a card by --channel, which pays, gives back and is forgotten', async (t) => {
  const demo = await aDemo(t)
  const open = await demo.run('bind', '--channel', 'bri', ...CARD, '--customer', 'CUST01', '--host-to-host')
  assert.equal(open.code, 0, open.err)
  const [, referenceNo = ''] =
    /^Next: npx gerbang otp verify (\d+) --channel bri --otp <digits>$/m.exec(open.out) ?? []
  const again = await demo.run('otp', 'resend', referenceNo, '--channel', 'bri')
  assert.match(again.out + again.err, /^Sent\.|^429/)
  const bound = await demo.run('otp', 'verify', referenceNo, '--channel', 'bri', '--otp', '111000')
  assert.equal(bound.code, 0, bound.err)
  const [, authCode = ''] =
    /^Next: npx gerbang account pay --channel bri --auth-code (\S+) --amount/m.exec(bound.out) ?? []
  const [, bankCardToken = ''] = /^ {2}bankCardToken +(\S+)$/m.exec(bound.out) ?? []
  assert.ok(authCode && bankCardToken, bound.out)

  const held = ['--channel', 'bri', '--auth-code', authCode]
  const asked = await demo.run(
    ...['account', 'pay', ...held, '--amount', '75000', '--reference', 'INV-BRI', '--host-to-host'],
  )
  assert.equal(asked.code, 0, asked.err)
  assert.match(asked.out, /^Pending\. .*nothing moves before it is given\. Do not pay again\.$/m)
  assert.match(
    asked.out,
    /^Next: npx gerbang account confirm INV-BRI --channel bri --otp <digits>.*\nIf no code was sent: npx gerbang status INV-BRI$/m,
  )
  const paid = await demo.run('account', 'confirm', 'INV-BRI', ...held, '--otp', '111000')
  assert.match(paid.out, /^Paid\./, paid.err)

  const refund = ['refund', 'INV-BRI', '--amount', '25000']
  const stranger = await demo.run(...refund)
  assert.equal(stranger.code, 4)
  assert.match(stranger.err, /Ask for one with `gerbang token`/)
  assert.match(stranger.err, /^Next: the same with --auth-code <code>/m)
  const other = await demo.run(...refund, '--channel', 'kki')
  assert.match(other.err, /^4040718 .*Or the channel, a number or the customer is not that of the payment/)
  const refunded = await demo.run(...refund, '--auth-code', authCode)
  assert.match(refunded.out, /^Refunded\./, refunded.err)
  const unbound = await demo.run('unbind', bankCardToken, '--channel', 'bri')
  assert.match(unbound.out, /^Unbinding\./, unbound.err)
})
