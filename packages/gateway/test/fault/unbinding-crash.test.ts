import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { CardNetwork, type Mood } from '../card-network.ts'
import { anotherCard, keepCardOf, readCard } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'
import {
  findUnbindingFaults,
  GIVE_UP_MS,
  LEASE_MS,
  openUnbindingProcesses,
  type UnbindingProcesses,
} from './unbinding-processes.ts'

const clock = new JumpingClock()
const network = new CardNetwork()
const IMMORTAL = () => new Fate(Number.POSITIVE_INFINITY)
let stage: Stage
let processes: UnbindingProcesses
before(async () => {
  // The stage's own loop rests: this file's processes are the only ones that work, and die.
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '3600000' } })
  processes = openUnbindingProcesses(stage, clock, network)
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** What the network does first, what it does after the crash, and how the card ends. */
const LIVES: readonly (readonly [first: Mood, then: Mood, ends: 'inactive' | 'active'])[] = [
  ['forgets', 'forgets', 'inactive'],
  ['refuses', 'refuses', 'active'],
  ['knows no such card', 'knows no such card', 'inactive'],
  ['forgets and says nothing', 'forgets', 'inactive'],
  ['hears nothing', 'forgets', 'inactive'],
  ['is busy', 'refuses', 'active'],
]
const MOST = 60

/** A process that takes a request and works on it until it dies at the n-th boundary. Returns where, or undefined when it lived. */
async function live(n: number, asked: { tokenId: string; externalId: string }): Promise<string | undefined> {
  const fate = new Fate(n)
  const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
  await processes.unbind(fate, asked).catch(quietly)
  for (let pass = 0; pass < 3 && fate.where === undefined; pass++) {
    await processes.pass(fate).catch(quietly)
    clock.jump(LEASE_MS)
  }
  return fate.where
}

/** Another process asks again, as a partner would, and works until nothing is open. */
async function recover(asked: { tokenId: string; externalId: string }): Promise<void> {
  const line = await readCard(stage, asked.tokenId)
  if (line.unbindings.length === 0) await processes.unbind(IMMORTAL(), asked)
  for (let pass = 0; pass < 10; pass++) {
    clock.jump(LEASE_MS + 1)
    await processes.pass(IMMORTAL())
    if ((await readCard(stage, asked.tokenId)).card !== 'unbinding') return
  }
  assert.fail('the unbinding stays open')
}

for (const [first, then, ends] of LIVES)
  test(`a process may die anywhere while the network ${first} and then ${then}: the card is ${ends} in the end`, async () => {
    const places = new Set<string>()
    for (let n = 0; n < MOST; n++) {
      network.mood = first
      const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard() })
      const asked = { tokenId: bankCardToken, externalId: newId() }
      const where = await live(n, asked)
      assert.deepEqual(await findUnbindingFaults(stage), [], `after dying ${where}`)
      network.mood = then
      await recover(asked)
      const line = await readCard(stage, bankCardToken)
      assert.equal(line.card, ends, `after dying ${where}`)
      assert.equal(line.sealed, ends === 'inactive' ? 0 : 3)
      assert.equal(line.unbindings.length, 1)
      assert.deepEqual(await findUnbindingFaults(stage), [], `recovered after dying ${where}`)
      if (where === undefined) break
      places.add(where)
    }
    for (const place of [
      'a statement',
      'after commit',
      'before unbinding',
      'after unbinding',
      'after taking',
    ])
      assert.ok(places.has(place), `nobody died ${place}: ${[...places].join(', ')}`)
  })

test('however often the network is asked about one unbinding, it is under one number', async () => {
  network.mood = 'hears nothing'
  const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard(), networkToken: 'NT-one' })
  await processes.unbind(IMMORTAL(), { tokenId: bankCardToken, externalId: newId() })
  for (let pass = 0; pass < 8; pass++) {
    clock.jump(LEASE_MS * 4)
    await Promise.all([processes.pass(IMMORTAL()), processes.pass(IMMORTAL())])
  }
  const told = network.told.filter(({ networkToken }) => networkToken === 'NT-one')
  assert.equal(new Set(told.map(({ referenceNo }) => referenceNo)).size, 1)
  network.mood = 'forgets'
  clock.jump(GIVE_UP_MS / 2)
  await processes.pass(IMMORTAL())
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
})

test('of two processes that hear how one unbinding ends, one ends it', async () => {
  network.mood = 'forgets'
  const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard(), networkToken: 'NT-two' })
  await processes.unbind(IMMORTAL(), { tokenId: bankCardToken, externalId: newId() })
  let open = () => {}
  network.gate = new Promise((resolve) => {
    open = resolve
  })
  // The lease of the first one runs out while the network thinks: the second one takes the same.
  const first = processes.pass(IMMORTAL())
  await untilTold(1)
  clock.jump(LEASE_MS + 1)
  const second = processes.pass(IMMORTAL())
  await untilTold(2)
  open()
  await Promise.all([first, second])
  const own = processes.ended.filter(({ unbinding }) => unbinding.bankCardToken === bankCardToken)
  assert.equal(own.length, 1)
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
  assert.deepEqual(await findUnbindingFaults(stage), [])
})

async function untilTold(times: number): Promise<void> {
  while (network.told.filter(({ networkToken }) => networkToken === 'NT-two').length < times) await wait(5)
}
