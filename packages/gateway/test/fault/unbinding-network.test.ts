import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../../src/clock.ts'
import { CardNetwork } from '../card-network.ts'
import { anotherCard, keepCardOf, readCard, unbind, untilEnded } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { Fate } from './process-alike.ts'
import {
  FIRST_PAUSE_MS,
  findUnbindingFaults,
  GIVE_UP_MS,
  LONGEST_PAUSE_MS,
  openUnbindingProcesses,
  type UnbindingProcesses,
} from './unbinding-processes.ts'

const IMMORTAL = () => new Fate(Number.POSITIVE_INFINITY)
/** It stands still between jumps, however slow the machine is. */
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

/** Not over HTTP: days go by here, and tokens expire. */
async function request(tokenId: string): Promise<string> {
  clock.jump(1)
  const { unbinding } = await processes.unbind(IMMORTAL(), { tokenId, externalId: newId() })
  return unbinding?.referenceNo ?? ''
}

async function asked(mood: CardNetwork['mood']) {
  network.mood = mood
  const kept = await keepCardOf(stage, { cardNumber: anotherCard() })
  const referenceNo = await request(kept.bankCardToken)
  return {
    ...kept,
    unbinding: referenceNo,
    toldOf: () => network.told.filter((told) => told.referenceNo === referenceNo),
  }
}

async function dueIn(referenceNo: string): Promise<number> {
  const [row] = await stage.query<{ due_at: Date | null }>(
    'select due_at from unbindings where reference_no = $1',
    [referenceNo],
  )
  return (row?.due_at?.getTime() ?? 0) - clock.now()
}

test('a refusal for good gives the card back, and a new unbinding may succeed', async () => {
  const { bankCardToken, unbinding } = await asked('refuses')
  await processes.pass(IMMORTAL())
  const line = await readCard(stage, bankCardToken)
  assert.deepEqual([line.card, line.bindings, line.sealed], ['active', ['active'], 3])
  assert.deepEqual(line.events, ['card.unbinding.requested.v1', 'card.unbinding.failed.v1'])
  const [event] = await stage.query<{ body: { reason: string; networkCode: string } }>(
    'select body from outbox where reference_no = $1 and sequence = 2',
    [unbinding],
  )
  assert.deepEqual([event?.body.reason, event?.body.networkCode], ['refused', '57'])

  network.mood = 'forgets'
  assert.notEqual(await request(bankCardToken), unbinding)
  await processes.pass(IMMORTAL())
  assert.deepEqual((await readCard(stage, bankCardToken)).unbindings, ['failed', 'completed'])
  assert.deepEqual(await findUnbindingFaults(stage), [])
})

test('a network that knows no such card has nothing to forget', async () => {
  const { bankCardToken } = await asked('knows no such card')
  await processes.pass(IMMORTAL())
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
})

test('after silence the network is inquired of, and asked again only when it never heard', async () => {
  const silent = await asked('forgets and says nothing')
  await processes.pass(IMMORTAL())
  network.mood = 'forgets'
  clock.jump(LONGEST_PAUSE_MS)
  await processes.pass(IMMORTAL())
  assert.deepEqual(
    silent.toldOf().map(({ call }) => call),
    ['unbind', 'inquire'],
  )
  assert.equal((await readCard(stage, silent.bankCardToken)).card, 'inactive')

  const unheard = await asked('hears nothing')
  await processes.pass(IMMORTAL())
  network.mood = 'forgets'
  clock.jump(LONGEST_PAUSE_MS)
  await processes.pass(IMMORTAL())
  assert.deepEqual(
    unheard.toldOf().map(({ call }) => call),
    ['unbind', 'inquire', 'unbind'],
  )
  assert.equal((await readCard(stage, unheard.bankCardToken)).card, 'inactive')
})

test('a network that needs a while is waited for', async () => {
  const { bankCardToken, toldOf } = await asked('needs a while')
  for (let pass = 0; pass < 3; pass++) {
    await processes.pass(IMMORTAL())
    clock.jump(LONGEST_PAUSE_MS)
  }
  assert.equal((await readCard(stage, bankCardToken)).card, 'unbinding')
  network.finish()
  await processes.pass(IMMORTAL())
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
  assert.equal(toldOf().filter(({ call }) => call === 'unbind').length, 1)
})

test('a no that speaks of the network’s own state is no refusal of the card', async () => {
  const { bankCardToken } = await asked('is busy')
  for (let pass = 0; pass < 3; pass++) {
    await processes.pass(IMMORTAL())
    clock.jump(LONGEST_PAUSE_MS)
  }
  assert.equal((await readCard(stage, bankCardToken)).card, 'unbinding')
  network.mood = 'forgets'
  await processes.pass(IMMORTAL())
  assert.equal((await readCard(stage, bankCardToken)).card, 'inactive')
})

test('pauses grow to their limit, and a card is given back when the time is up', async () => {
  const { bankCardToken, unbinding } = await asked('hears nothing')
  const pauses: number[] = []
  let waited = 0
  while ((await readCard(stage, bankCardToken)).card === 'unbinding') {
    await processes.pass(IMMORTAL())
    const pause = await dueIn(unbinding)
    if (pause < 0) break
    pauses.push(pause)
    assert.ok(pauses.length < 2_000, 'it is never given up')
    // In steps of an hour once the limit is reached: a day has many minutes.
    const step = pauses.length > 10 ? 3_600_000 : pause + 1
    clock.jump(step)
    waited += step
  }
  for (const [n, pause] of pauses.entries()) {
    const expected = Math.min(FIRST_PAUSE_MS * 2 ** n, LONGEST_PAUSE_MS)
    assert.equal(pause, expected, `pause ${n}`)
  }
  assert.ok(waited >= GIVE_UP_MS - 3_600_000 && waited <= GIVE_UP_MS + 7_200_000)
  const line = await readCard(stage, bankCardToken)
  assert.deepEqual([line.card, line.bindings, line.unbindings], ['active', ['active'], ['failed']])
  const [event] = await stage.query<{ reason: string }>(
    "select body->>'reason' reason from outbox where reference_no = $1 and sequence = 2",
    [unbinding],
  )
  assert.equal(event?.reason, 'no-answer')
})

test('a card whose key the vault has lost is given back in its time, and each try is a fault', async () => {
  const { bankCardToken } = await asked('forgets')
  await stage.query("update card_tokens set data_key_sealed = 'k9.AAAA' where bank_card_token = $1", [
    bankCardToken,
  ])
  await assert.rejects(processes.pass(IMMORTAL()), /key that the vault does not hold/)
  assert.equal((await readCard(stage, bankCardToken)).card, 'unbinding')
  clock.jump(GIVE_UP_MS)
  await assert.rejects(processes.pass(IMMORTAL()))
  assert.equal((await readCard(stage, bankCardToken)).card, 'active')
})

test('a failed unbinding is an error in the log and counts for an alert; a completed one is neither', async () => {
  const own = new CardNetwork()
  const env = { GERBANG_UNBINDING_EVERY_MS: '20' }
  const working = await openStage({ seams: { channels: [own.channel] }, env })
  const failures = async () => {
    const text = await working.gateway.metrics.registry.metrics()
    return /^gerbang_unbindings_failed_total (\d+)$/m.exec(text)?.[1]
  }
  assert.equal(await failures(), '0')
  own.mood = 'refuses'
  const { bankCardToken } = await keepCardOf(working)
  const { body } = await unbind(working.merchant, bankCardToken)
  assert.equal((await untilEnded(working, bankCardToken)).card, 'active')
  const lineOf = (message: string) =>
    working.logged.map((line) => JSON.parse(line)).find(({ msg }) => msg === message)
  const alert = lineOf('unbinding failed')
  assert.equal(alert.level, 50)
  assert.deepEqual(
    [alert.referenceNo, alert.partner, alert.reason, alert.networkCode],
    [body.referenceNo, working.merchant.keys.partnerId, 'refused', '57'],
  )
  assert.equal(await failures(), '1')

  own.mood = 'forgets'
  await unbind(working.merchant, bankCardToken)
  assert.equal((await untilEnded(working, bankCardToken)).card, 'inactive')
  assert.equal(await failures(), '1')
  assert.equal(lineOf('unbinding completed').level, 30)
  await working.close()
})
