import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { OUTCOMES, SnapError } from '@gerbang/snap'
import type { Channel } from '../../src/channels/channel.ts'
import { openChannels } from '../../src/channels/index.ts'
import { ACCOUNT_CHANNELS } from '../account-customer.ts'
import { eventsOf } from '../card-customer.ts'
import { type KeptAccount, keepAccount } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { control } from './books.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'
import { LEASE_MS, openUnbindingProcesses, type UnbindingProcesses } from './unbinding-processes.ts'

const RIGHT = '111000'
const WRONG = '222003'
const MOST = 60
const IMMORTAL = () => new Fate(Number.POSITIVE_INFINITY)

const clock = new JumpingClock()
let stage: Stage
let channel: Channel
let processes: UnbindingProcesses
before(async () => {
  stage = await openStage({
    simulator: { clock: clock.now },
    env: { ...ACCOUNT_CHANNELS, GERBANG_UNBINDING_EVERY_MS: '3600000' },
  })
  const network = { url: stage.simulator.url, key: stage.config.networkKey, connections: 4 }
  const [opened] = openChannels({ opened: ['cimb'], network, urls: {} })
  assert.ok(opened)
  channel = opened
  processes = openUnbindingProcesses(stage, clock, { channel })
})
after(async () => {
  await processes.close()
  await channel.close()
  await stage.close()
})

async function stateOf({ bankCardToken }: KeptAccount): Promise<string> {
  const rows = await stage.query<{ state: string }>(
    'select state from card_tokens where bank_card_token = $1',
    [bankCardToken],
  )
  return rows[0]?.state ?? 'none'
}

function ask(fate: Fate, { bankCardToken }: KeptAccount) {
  return processes.unbindAccount(fate, { tokenId: bankCardToken, externalId: newId(), isHostToHost: true })
}

function give(fate: Fate, { bankCardToken }: KeptAccount, otp: string, externalId = newId()) {
  return processes.verify(fate, { bankCardToken, otp, externalId })
}

/** What the process answered, or undefined when it died. */
async function lived<Answer>(work: Promise<Answer>): Promise<Answer | undefined> {
  return work.catch((error: unknown) => {
    assert.ok(error instanceof Died, String(error))
    return undefined
  })
}

async function nextProcess(): Promise<void> {
  clock.jump(LEASE_MS + 1)
  await processes.pass(IMMORTAL())
}

async function codesSent(referenceNo: string): Promise<number> {
  const response = await fetch(`${stage.simulator.url}/_sim/inbox?referenceNo=${referenceNo}`)
  return ((await response.json()) as unknown[]).length
}

test('a process may die anywhere in the wish: whoever asks again has the same number and one code, which ends it', async () => {
  const places = new Set<string>()
  for (let n = 0; n < MOST; n++) {
    const account = await keepAccount(stage, 'cimb')
    const fate = new Fate(n)
    const first = await lived(ask(fate, account))
    if (first !== undefined) assert.equal(first.reply.status, 202)
    await nextProcess()
    assert.equal(await stateOf(account), 'active', `after dying ${fate.where}`)
    const again = await ask(IMMORTAL(), account)
    assert.equal(again.reply.status, 202, again.reply.text)
    const referenceNo = again.unbinding?.referenceNo ?? ''
    if (first?.unbinding !== undefined) assert.equal(referenceNo, first.unbinding.referenceNo)
    assert.equal(await codesSent(referenceNo), 1, `after dying ${fate.where}`)
    assert.equal((await give(IMMORTAL(), account, RIGHT)).reply.status, 200)
    assert.equal(await stateOf(account), 'inactive')
    const events = await eventsOf(stage, referenceNo)
    assert.equal(events.map(({ type }) => type.split('.')[2]).join(), 'requested,completed')
    if (fate.where === undefined) break
    places.add(fate.where)
  }
  for (const place of ['a statement', 'after commit', 'before unbinding', 'after unbinding'])
    assert.ok(places.has(place), `nobody died ${place}: ${[...places].join(', ')}`)
})

for (const [otp, ends, events, fault] of [
  [RIGHT, 'inactive', 'requested,completed', undefined],
  [RIGHT, 'inactive', 'requested,completed', 'drop-after'],
  [RIGHT, 'inactive', 'requested,completed', 'drop-before'],
  [WRONG, 'active', 'requested', undefined],
] as const)
  test(`a process may die anywhere with a ${otp === RIGHT ? 'right' : 'wrong'} code${fault ? ` while the bank’s answer is lost (${fault})` : ''}: the account is ${ends} in the end, and one try is counted`, async () => {
    const places = new Set<string>()
    for (let n = 0; n < MOST; n++) {
      const account = await keepAccount(stage, 'cimb')
      const asked = await ask(IMMORTAL(), account)
      const referenceNo = asked.unbinding?.referenceNo ?? ''
      const fate = new Fate(n)
      if (fault !== undefined)
        await control(stage, 'next', { fault, match: { operation: 'verification', referenceNo } })
      const externalId = newId()
      const first = await lived(give(fate, account, otp, externalId))
      if (first?.reply.status === 200) assert.equal(await stateOf(account), 'inactive')
      await nextProcess()
      // Who has heard nothing tries the same code once more.
      for (let status = first?.reply.status ?? 504; status === 504; await nextProcess())
        status = await statusOf(give(IMMORTAL(), account, otp))
      assert.equal(await stateOf(account), ends, `after dying ${fate.where}`)
      const [row] = await stage.query<{ attempts: number }>(
        'select attempts from unbinding_codes where reference_no = $1',
        [referenceNo],
      )
      assert.equal(row?.attempts, 1, `after dying ${fate.where}`)
      const told = (await eventsOf(stage, referenceNo)).map(({ type }) => type.split('.')[2]).join()
      assert.equal(told, events, `after dying ${fate.where}`)
      // The request itself is told the same, now and later; of one that was never claimed nothing is known.
      const words = ends === 'inactive' ? [409, '2000400'] : [409, '4040415']
      const again = await give(IMMORTAL(), account, otp, externalId).catch(() => undefined)
      if (again !== undefined && first?.reply.status !== 504)
        assert.deepEqual([again.reply.status, JSON.parse(again.reply.text).responseCode], words, fate.where)
      if (fate.where === undefined) break
      places.add(fate.where)
    }
    for (const place of ['a statement', 'after commit', 'before verification', 'after verification'])
      assert.ok(places.has(place), `nobody died ${place}: ${[...places].join(', ')}`)
  })

/** Also where it has ended already, or the code is known to be wrong. */
async function statusOf(work: Promise<{ reply: { status: number } }>): Promise<number> {
  return work.then(
    ({ reply }) => reply.status,
    (error: unknown) => {
      assert.ok(error instanceof SnapError, String(error))
      assert.ok(['transactionAlreadySuccess', 'invalidOtp'].includes(error.outcome), error.outcome)
      return OUTCOMES[error.outcome].status
    },
  )
}
