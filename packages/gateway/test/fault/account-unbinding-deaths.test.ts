import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import type { Channel } from '../../src/channels/channel.ts'
import { KKI } from '../../src/channels/kki/profile.ts'
import { CardNetwork, type Mood } from '../card-network.ts'
import { anotherCard, keepCardOf, readCard } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { Died, Fate, Held, JumpingClock } from './process-alike.ts'
import {
  type AskedUnbinding,
  LEASE_MS,
  openUnbindingProcesses,
  type UnbindingProcesses,
} from './unbinding-processes.ts'

const DAY_MS = 86_400_000
const JAKARTA_MS = 7 * 3_600_000
const clock = new JumpingClock()
const network = new CardNetwork()
let stage: Stage
let processes: UnbindingProcesses
before(async () => {
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '3600000' } })
  processes = openUnbindingProcesses(stage, clock, { channel: keepingAccounts(network.channel) })
  // An external id belongs to its day: none ends while these tests last.
  const leftOfDay = DAY_MS - ((clock.now() + JAKARTA_MS) % DAY_MS)
  if (leftOfDay < DAY_MS / 8) clock.jump(leftOfDay)
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** The network of the cards' tests, as one that keeps accounts. */
function keepingAccounts(channel: Channel): Channel {
  assert.ok(KKI.binding)
  const binding = { ...KKI.binding, kind: 'account' } as const
  return { ...channel, profile: { ...KKI, silence: 'requestInProgress', binding } }
}

const alive = () => new Fate(Number.POSITIVE_INFINITY)

async function asks(): Promise<AskedUnbinding> {
  const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard() })
  return { tokenId: bankCardToken, externalId: newId() }
}

/** The code of the answer to the same request once more, or the refusal's name. */
async function toldAgain(asked: AskedUnbinding): Promise<string> {
  return processes.unbindAccount(alive(), asked).then(
    ({ reply }) => `${reply.status} ${reply.text.slice(17, 24)}`,
    (error: unknown) => {
      if (error instanceof SnapError) return error.outcome
      throw error
    },
  )
}

async function isClaimed({ externalId }: AskedUnbinding): Promise<boolean> {
  return (await stage.query('select 1 from request_ids where external_id = $1', [externalId])).length > 0
}

async function recover(bankCardToken: string): Promise<void> {
  for (let pass = 0; pass < 10; pass++) {
    await processes.pass(alive())
    if ((await readCard(stage, bankCardToken)).card !== 'unbinding') return
    clock.jump(LEASE_MS + 1)
  }
  assert.fail('the unbinding stays open')
}

/** What the bank does with the account, and what is told of it. */
const ENDS: readonly (readonly [mood: Mood, told: string])[] = [
  ['forgets', '409 2000500'],
  ['refuses', '409 4030515'],
]
const MOST = 60

for (const [mood, told] of ENDS)
  test(`wherever a process dies that unbinds an account which the bank ${mood}, the same request is told so`, async () => {
    network.mood = mood
    let lost = 0
    for (let n = 0; n < MOST; n++) {
      const asked = await asks()
      const fate = new Fate(n)
      await processes.unbindAccount(fate, asked).catch((error: unknown) => assert.ok(error instanceof Died))
      if (fate.where === undefined) break
      if (!(await isClaimed(asked))) continue
      const isOpen = (await readCard(stage, asked.tokenId)).card === 'unbinding'
      if (isOpen) {
        lost += 1
        assert.equal(await toldAgain(asked), 'conflict', `${fate.where}: it may still be at work`)
        clock.jump(LEASE_MS + 1)
        assert.equal(await toldAgain(asked), '409 2020500', `${fate.where}: nobody has looked after it`)
        await recover(asked.tokenId)
      }
      const calls = network.told.length
      assert.equal(await toldAgain(asked), told, fate.where)
      assert.equal(await toldAgain(asked), told, fate.where)
      assert.equal(network.told.length, calls, 'nobody is asked again')
      assert.equal((await readCard(stage, asked.tokenId)).unbindings.length, 1)
    }
    assert.ok(lost > 3, `${lost} died with an open unbinding`)
  })

test('a process that was held up with the bank’s no tells what was told in its place', async () => {
  network.mood = 'refuses'
  const asked = await asks()
  const { bindings } = network.channel
  assert.ok(bindings)
  const unbind = async () => ({ kind: 'declined', outcome: 'doNotHonor', networkCode: '05' }) as const
  const channel = keepingAccounts({ ...network.channel, bindings: { ...bindings, unbind } })
  const other = openUnbindingProcesses(stage, clock, { channel })
  const slow = new Held('after unbinding')
  const asking = other.unbindAccount(slow, asked)
  while ((await readCard(stage, asked.tokenId)).card !== 'unbinding')
    await new Promise((next) => setTimeout(next, 10))
  clock.jump(LEASE_MS + 1)
  await recover(asked.tokenId)
  assert.equal(await toldAgain(asked), '409 4030515')
  slow.letGo()
  const { reply } = await asking
  await other.close()
  assert.equal(reply.text.slice(17, 24), '4030515')
  assert.equal((await processes.unbindAccount(alive(), asked)).reply.text, reply.text)
})
