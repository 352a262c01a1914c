import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  BINDING_STATES,
  type BindingState,
  CANCELLABLE_STATES,
  isLost,
  isPending,
  LOST_STATES,
  PENDING_STATES,
  predecessorsOf,
  STATES,
} from './states.ts'

const anyState = fc.constantFrom(...BINDING_STATES)

test('no path leaves an end', () => {
  fc.assert(
    fc.property(fc.array(anyState, { maxLength: 30 }), (wishes) => {
      let state: BindingState = 'submitted'
      let end: BindingState | undefined
      for (const wish of wishes) {
        if (predecessorsOf(wish).includes(state)) state = wish
        if (end !== undefined) assert.equal(state, end)
        if (STATES[state].next.length === 0) end = state
      }
    }),
  )
})

test('every pending state can become every end without a card, and the card can be kept from each', () => {
  for (const pending of PENDING_STATES)
    for (const end of [...LOST_STATES, 'active'] as const)
      assert.ok(predecessorsOf(end).includes(pending), `${pending} to ${end}`)
})

test('a card that is kept is lost by an unbinding alone', () => {
  assert.deepEqual(STATES.active.next, ['unbinding'])
  assert.deepEqual(predecessorsOf('inactive'), ['unbinding'])
})

test('no state follows itself, and none leads back to submitted', () => {
  for (const name of BINDING_STATES) assert.ok(!predecessorsOf(name).includes(name), name)
  assert.deepEqual(predecessorsOf('submitted'), [])
})

test('a code is taken in one state alone, and every other one says why not', () => {
  const open = BINDING_STATES.filter((name) => STATES[name].ofCode === undefined)
  assert.deepEqual(open, ['otp_sent'])
})

test('nothing is called off while the network is asked about a code', () => {
  assert.deepEqual(
    PENDING_STATES.filter((name) => !(CANCELLABLE_STATES as readonly string[]).includes(name)),
    ['verifying'],
  )
})

test('every state is pending, lost or about a kept card', () => {
  const rest = BINDING_STATES.filter((name) => !isPending(name) && !isLost(name))
  assert.deepEqual(rest, ['active', 'unbinding', 'inactive'])
})
