import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import fc from 'fast-check'
import { CardTokenGone } from '../../src/card-token/card-token.ts'
import type { UnbindAnswer } from '../../src/channels/channel.ts'
import { systemClock } from '../../src/clock.ts'
import { CardNetwork, type Mood } from '../card-network.ts'
import { redeem } from '../customer.ts'
import { anotherCard, keepCardOf, readCard } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { Died, Fate } from './process-alike.ts'
import {
  findUnbindingFaults,
  GIVE_UP_MS,
  LEASE_MS,
  LONGEST_PAUSE_MS,
  openUnbindingProcesses,
  type UnbindingProcesses,
} from './unbinding-processes.ts'

const clock = {
  ...systemClock,
  at: Date.now(),
  now: () => clock.at,
  jump(ms: number) {
    clock.at += ms
  },
}
const network = new CardNetwork()
let stage: Stage
let processes: UnbindingProcesses
before(async () => {
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '3600000' } })
  processes = openUnbindingProcesses(stage, clock, network)
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** All that there is to know of one card: what it is, and since when it is on its way out. */
interface Model {
  state: 'unknown' | 'active' | 'unbinding' | 'inactive'
  customers: Set<string>
  requestedAt: number
  /** Number of the unbinding under way. */
  referenceNo: string
}

type Step =
  | { readonly kind: 'keep'; readonly customer: string }
  | { readonly kind: 'unbind' }
  | { readonly kind: 'redeem' }
  | { readonly kind: 'mood'; readonly mood: Mood }
  | { readonly kind: 'pass' }
  | { readonly kind: 'die'; readonly at: number }
  | { readonly kind: 'wait'; readonly ms: number }

const MOODS: readonly Mood[] = [
  'forgets',
  'refuses',
  'knows no such card',
  'is busy',
  'hears nothing',
  'forgets and says nothing',
]
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('keep' as const), customer: fc.constantFrom('ONE', 'TWO', 'THREE') }),
    fc.constant({ kind: 'unbind' as const }),
    fc.constant({ kind: 'redeem' as const }),
    fc.record({ kind: fc.constant('mood' as const), mood: fc.constantFrom(...MOODS) }),
    fc.constant({ kind: 'pass' as const }),
    fc.record({ kind: fc.constant('die' as const), at: fc.nat(8) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(LONGEST_PAUSE_MS, GIVE_UP_MS) }),
  ),
  { minLength: 6, maxLength: 20 },
)

function isForgotten(answer: UnbindAnswer): boolean {
  return answer.kind === 'unbound' || (answer.kind === 'declined' && answer.outcome === 'invalidCard')
}

const MUTE: ReadonlySet<Mood> = new Set(['hears nothing', 'forgets and says nothing'])

/** A card's life in the model and in the database, side by side. */
function openLife() {
  const cardNumber = anotherCard()
  const model: Model = {
    state: 'unknown',
    customers: new Set(),
    requestedAt: 0,
    referenceNo: '',
  }
  let token = ''
  let authCode = ''
  const IMMORTAL = new Fate(Number.POSITIVE_INFINITY)

  async function keep(customer: string): Promise<void> {
    if (model.state === 'active' && model.customers.has(customer)) return
    const kept = keepCardOf(stage, { cardNumber, customer })
    if (model.state === 'unbinding') return void (await assert.rejects(kept, CardTokenGone))
    const { bankCardToken, authCode: code } = await kept
    if (model.state === 'active') assert.equal(bankCardToken, token)
    else {
      assert.notEqual(bankCardToken, token)
      model.customers = new Set()
    }
    token = bankCardToken
    authCode = code
    model.state = 'active'
    model.customers.add(customer)
  }

  async function unbind(): Promise<void> {
    clock.jump(1)
    const asked = processes.unbind(IMMORTAL, { tokenId: token || '0'.repeat(32), externalId: newId() })
    if (model.state === 'unknown' || model.state === 'inactive') {
      await assert.rejects(asked, (error) => error instanceof SnapError && error.outcome === 'invalidCard')
      return
    }
    const { unbinding } = await asked
    assert.ok(unbinding)
    if (model.state === 'unbinding') return assert.equal(unbinding.referenceNo, model.referenceNo)
    Object.assign(model, { state: 'unbinding', referenceNo: unbinding.referenceNo, requestedAt: clock.at })
  }

  async function pass(): Promise<void> {
    await processes.pass(IMMORTAL)
    if (model.state !== 'unbinding') return
    const { state, referenceNo } = model
    const isAsked = network.told.some((told) => told.referenceNo === referenceNo)
    assert.ok(isAsked, 'a due unbinding was not taken')
    const booked = network.booked().get(referenceNo)
    const heard = booked === undefined || MUTE.has(network.mood) ? undefined : booked
    if (heard === undefined) model.state = isOver() ? 'active' : state
    else model.state = isForgotten(heard) ? 'inactive' : 'active'
  }

  function isOver(): boolean {
    return clock.at - model.requestedAt >= GIVE_UP_MS
  }

  async function die(at: number): Promise<void> {
    await processes.pass(new Fate(at)).catch((error) => assert.ok(error instanceof Died, String(error)))
    // Whatever it did before it died is whole: the card tells which of the two it is.
    if (model.state === 'unbinding') {
      const { card } = await readCard(stage, token)
      assert.ok(card === 'unbinding' || card === 'inactive' || card === 'active')
      model.state = card as Model['state']
    }
  }

  async function check(): Promise<void> {
    assert.deepEqual(await findUnbindingFaults(stage), [])
    if (model.state === 'unknown') return
    const line = await readCard(stage, token)
    assert.equal(line.card, model.state)
    assert.deepEqual(
      line.bindings,
      Array.from({ length: model.customers.size }, () => model.state),
    )
    assert.equal(line.sealed, model.state === 'inactive' ? 0 : 3)
  }

  const deeds: { readonly [Kind in Step['kind']]: (step: Extract<Step, { kind: Kind }>) => unknown } = {
    keep: ({ customer }) => keep(customer),
    unbind,
    async redeem() {
      if (authCode === '') return
      const { status } = await redeem(stage.merchant, authCode)
      assert.equal(status, model.state === 'active' ? 200 : 401)
    },
    mood: ({ mood }) => {
      network.mood = mood
    },
    async pass() {
      clock.jump(LONGEST_PAUSE_MS + LEASE_MS)
      await pass()
    },
    die: ({ at }) => {
      clock.jump(LONGEST_PAUSE_MS + LEASE_MS)
      return die(at)
    },
    wait: ({ ms }) => clock.jump(ms),
  }

  return {
    async take(step: Step): Promise<void> {
      await (deeds[step.kind] as (step: Step) => unknown)(step)
      await check()
    },
    /** No card is left on its way out for ever. */
    async end(): Promise<void> {
      network.mood = 'hears nothing'
      clock.jump(GIVE_UP_MS + LONGEST_PAUSE_MS + LEASE_MS)
      await pass()
      if (model.state === 'unbinding') assert.fail('it is under way for ever')
      await check()
    },
  }
}

test('whatever is asked for, answered, lost and cut off in whatever order, a card is kept, on its way out, or forgotten', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (life) => {
      network.mood = 'forgets'
      const card = openLife()
      for (const step of life) await card.take(step)
      await card.end()
    }),
    { numRuns: 40 },
  )
})
