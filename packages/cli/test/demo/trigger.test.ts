import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aDemo } from './demo.ts'

test('every event that can be triggered ends as it is called', async (t) => {
  const demo = await aDemo(t)
  const listed = await demo.run('trigger', 'nothing')
  assert.equal(listed.code, 2)
  const events = listed.err.match(/(?:payment|refund|binding|unbinding)\.[a-z]+/g) ?? []
  assert.equal(events.length, 11)
  for (const event of events) {
    const { code, out, err } = await demo.run('trigger', event)
    assert.equal(code, 0, `${event}: ${err}`)
    assert.match(out, new RegExp(`^${event.replace('.', '\\.')}: .*\\.$`, 'm'))
  }
  const steps = async (...args: string[]) =>
    (await demo.ask<{ steps: { call: string; number: string; answer: string }[] }>('trigger', ...args)).steps
  const cases = [
    ['payment.failed', '403/08', 'pay', '4035408 Card Expired'],
    ['refund.failed', '40313', 'refund', '4030713'],
    ['binding.failed', '403/07', 'bind', '4030107 Card Blocked'],
  ] as const
  for (const [event, caseCode, call, answer] of cases) {
    const last = (await steps(event, '--case', caseCode)).at(-1)
    assert.equal(last?.call, call)
    assert.ok(last?.answer.startsWith(answer), last?.answer)
  }
  const [paid] = await steps('payment.success', '--set', 'amount=5000', 'reference=INV-SET')
  assert.equal(paid?.number, 'INV-SET')
  assert.equal((await demo.ask<{ amount: string }>('status', 'INV-SET')).amount, '5000.00')
  for (const args of [
    ['payment.success', '--case', '403/14'],
    ['payment.failed', '--case', '999/99'],
    ['payment.failed', '--case', '20000'],
    ['payment.success', '--set', 'colour=red'],
    ['payment.success', '--set', 'amount=1.5'],
  ]) {
    assert.equal((await demo.run('trigger', ...args)).code, 2, args.join(' '))
  }
  const again = await demo.run('trigger', 'payment.success', '--set', 'reference=INV-SET', 'amount=5000')
  assert.equal(again.code, 1, 'a reference that was used')
  assert.match(again.err, /^It ended otherwise: pay was refused with 409/)
})
