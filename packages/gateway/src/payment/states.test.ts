import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isFinal, type PaymentState, predecessorsOf, STATES } from './states.ts'

const NAMES = Object.keys(STATES) as PaymentState[]
const anyState = fc.constantFrom(...NAMES)

test('no path leaves a final state', () => {
  fc.assert(
    fc.property(fc.array(anyState, { maxLength: 30 }), (wishes) => {
      let state: PaymentState = 'submitted'
      let end: PaymentState | undefined
      for (const wish of wishes) {
        if (predecessorsOf(wish).includes(state)) state = wish
        if (end !== undefined) assert.equal(state, end)
        if (isFinal(state)) end = state
      }
    }),
  )
})

test('paid, declined and reversed are final, and nothing else is', () => {
  assert.deepEqual(NAMES.filter(isFinal), ['paid', 'declined', 'reversed'])
})

test('every open state can reach every final one', () => {
  for (const open of NAMES.filter((name) => !isFinal(name)))
    for (const end of NAMES.filter(isFinal))
      assert.ok(predecessorsOf(end).includes(open), `${open} to ${end}`)
})

test('no state follows itself, and none leads back to submitted', () => {
  for (const name of NAMES) assert.ok(!predecessorsOf(name).includes(name), name)
  assert.deepEqual(predecessorsOf('submitted'), [])
})

test('a payment that waits for its cardholder never falls back to silence', () => {
  assert.ok(!predecessorsOf('unresolved').includes('waiting'))
})

test('only paid is called 00', () => {
  const codes = NAMES.map((name) => [name, STATES[name].status])
  assert.deepEqual(Object.fromEntries(codes), {
    submitted: '03',
    waiting: '02',
    unresolved: '03',
    paid: '00',
    declined: '06',
    reversed: '05',
  })
})
