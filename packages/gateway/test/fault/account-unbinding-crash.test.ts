import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Channel } from '../../src/channels/channel.ts'
import { KKI } from '../../src/channels/kki/profile.ts'
import { CardNetwork, type Mood } from '../card-network.ts'
import { anotherCard, keepCardOf, readCard } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'
import { LEASE_MS, openUnbindingProcesses, type UnbindingProcesses } from './unbinding-processes.ts'

const clock = new JumpingClock()
const network = new CardNetwork()
let stage: Stage
let processes: UnbindingProcesses
before(async () => {
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '3600000' } })
  processes = openUnbindingProcesses(stage, clock, { channel: keepingAccounts(network.channel) })
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** The network of the cards' tests, as one that keeps accounts. */
function keepingAccounts(channel: Channel): Channel {
  assert.ok(KKI.binding)
  return { ...channel, profile: { ...KKI, silence: 'timeout', binding: { ...KKI.binding, kind: 'account' } } }
}

/** What the network does first, what it does after the crash, and how the account ends. */
const LIVES: readonly (readonly [first: Mood, then: Mood, ends: 'inactive' | 'active'])[] = [
  ['forgets', 'forgets', 'inactive'],
  ['refuses', 'refuses', 'active'],
  ['knows no such card', 'knows no such card', 'inactive'],
  ['forgets and says nothing', 'forgets', 'inactive'],
  ['hears nothing', 'forgets', 'inactive'],
  ['is busy', 'refuses', 'active'],
]
const MOST = 60
const IMMORTAL = () => new Fate(Number.POSITIVE_INFINITY)

interface Life {
  readonly where: string | undefined
  /** What the partner was told, if anything. */
  readonly status?: number
}

async function live(n: number, asked: { tokenId: string; externalId: string }): Promise<Life> {
  const fate = new Fate(n)
  const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
  const answer = await processes.unbindAccount(fate, asked).catch(quietly)
  return { where: fate.where, ...(answer && { status: answer.reply.status }) }
}

async function recover(bankCardToken: string): Promise<void> {
  for (let pass = 0; pass < 10; pass++) {
    clock.jump(LEASE_MS + 1)
    await processes.pass(IMMORTAL())
    if ((await readCard(stage, bankCardToken)).card !== 'unbinding') return
  }
  assert.fail('the unbinding stays open')
}

for (const [first, then, ends] of LIVES)
  test(`a process may die anywhere in a request while the bank ${first} and then ${then}: the account is ${ends} in the end`, async () => {
    const places = new Set<string>()
    for (let n = 0; n < MOST; n++) {
      network.mood = first
      const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard() })
      const { where, status } = await live(n, { tokenId: bankCardToken, externalId: newId() })
      const before = await readCard(stage, bankCardToken)
      if (status === 200) assert.equal(before.card, 'inactive')
      if (status === 403) assert.equal(before.card, 'active')
      if (before.card === 'unbinding') {
        network.mood = then
        await recover(bankCardToken)
      }
      const line = await readCard(stage, bankCardToken)
      // Who died before the claim was committed has changed nothing.
      const isBegun = line.unbindings.length > 0
      assert.equal(line.card, isBegun ? ends : 'active', `after dying ${where}`)
      assert.equal(line.sealed, line.card === 'inactive' ? 0 : 3)
      if (where === undefined) break
      places.add(where)
    }
    for (const place of ['a statement', 'after commit', 'before unbinding', 'after unbinding'])
      assert.ok(places.has(place), `nobody died ${place}: ${[...places].join(', ')}`)
  })
