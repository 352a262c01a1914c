import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHANNELS } from '@gerbang/gateway/channels'
import { runGerbang } from './run-gerbang.ts'
import { openShop, snap } from './shop.ts'

const SHORT_NAMES = CHANNELS.map(({ slug }) => slug)
const AMOUNT = ['--amount', '10000']

test('every channel of the gateway has its short name, and a wrong one is told where names stand', async (t) => {
  const shop = await openShop(t, { cancel: snap('2000500', 'Successful') })
  for (const slug of SHORT_NAMES) {
    const { code, err } = await runGerbang(['cancel', 'INV-1', '--channel', slug], shop)
    assert.equal(code, 0, `${slug}: ${err}`)
  }
  const future = await runGerbang(['cancel', 'INV-1', '--channel', 'direct_debit_next_snap'], shop)
  assert.equal(future.code, 0, future.err)
  assert.deepEqual(
    shop.bodies.map(({ additionalInfo }) => (additionalInfo as { channel: string }).channel),
    [...CHANNELS.map(({ profile }) => profile.name), 'DIRECT_DEBIT_NEXT_SNAP'],
  )
  const wrong = await runGerbang(['cancel', 'INV-1', '--channel', 'bank'], shop)
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, new RegExp(`^--channel must be one of ${SHORT_NAMES.join(', ')}, or a whole name`))
  assert.match(wrong.err, /docs\/reference\/channels\.md/)
})

test('a channel that a command cannot serve is led to the command that can, and nothing is sent', async (t) => {
  const shop = await openShop(t, {})
  const bind = ['account', 'bind', '--phone', '081234567890']
  const keep = ['bind', '--cpan', '7801']
  const pay = ['account', 'pay', '--auth-code', 'A', ...AMOUNT]
  const lines: [string[], RegExp, RegExp][] = [
    [[...bind, '--channel', 'bri'], /^BRI keeps cards/, /npx gerbang bind --channel bri$/m],
    [[...bind, '--channel', 'dana'], /^DANA keeps nothing/, /npx gerbang wallet pay --channel dana$/m],
    [
      [...keep, '--channel', 'cimb'],
      /^CIMB Niaga keeps accounts/,
      /npx gerbang account bind --channel cimb$/m,
    ],
    [[...pay, '--channel', 'dana'], /^DANA keeps nothing/, /npx gerbang wallet pay --channel dana$/m],
    [['wallet', 'pay', ...AMOUNT, '--channel', 'kki'], /^Kartu Kredit/, /npx gerbang pay$/m],
    [
      ['wallet', 'pay', ...AMOUNT, '--channel', 'cimb'],
      /^CIMB Niaga keeps accounts/,
      /npx gerbang account bind --channel cimb, then npx gerbang account pay --channel cimb$/m,
    ],
  ]
  for (const [args, why, next] of lines) {
    const { code, err } = await runGerbang(args, shop)
    assert.equal(code, 2, err)
    assert.match(err, why)
    assert.match(err, next)
  }
  assert.deepEqual(shop.bodies, [])
})

test('a refund without --channel names none, and advice names commands instead of calls', async (t) => {
  const shop = await openShop(t, { refund: snap('4040700', 'Invalid Transaction Status') })
  const { code, err } = await runGerbang(['refund', 'INV-1', ...AMOUNT], shop)
  assert.equal(code, 4)
  assert.match(err, /ask `gerbang status`\.$/m)
  assert.equal(shop.bodies[0]?.additionalInfo, undefined)
  await runGerbang(['refund', 'INV-1', ...AMOUNT, '--channel', 'cimb'], shop)
  assert.deepEqual(shop.bodies[1]?.additionalInfo, { channel: 'DIRECT_DEBIT_CIMB_SNAP' })
})
