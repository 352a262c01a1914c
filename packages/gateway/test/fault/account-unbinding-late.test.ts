import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Channel } from '../../src/channels/channel.ts'
import { openChannels } from '../../src/channels/index.ts'
import { ACCOUNT_CHANNELS } from '../account-customer.ts'
import { keepAccount } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { control } from './books.ts'
import { Fate, Held, JumpingClock } from './process-alike.ts'
import {
  FIRST_PAUSE_MS,
  LEASE_MS,
  openUnbindingProcesses,
  type UnbindingProcesses,
} from './unbinding-processes.ts'

const RIGHT = '111000'
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

/** An account whose customer has given three wrong codes and then the right one, about which the bank has not been asked yet. */
async function lastButOne(held: Held) {
  const { bankCardToken } = await keepAccount(stage, 'cimb')
  const give = (fate: Fate, otp: string) =>
    processes.verify(fate, { bankCardToken, otp, externalId: newId() })
  const asked = { tokenId: bankCardToken, externalId: newId(), isHostToHost: true }
  const referenceNo = (await processes.unbindAccount(IMMORTAL(), asked)).unbinding?.referenceNo ?? ''
  for (const otp of ['100101', '100102', '100103'])
    assert.equal((await give(IMMORTAL(), otp)).reply.status, 404)
  const late = give(held, RIGHT)
  for (const until = Date.now() + 5_000; Date.now() < until; await wait(10)) {
    const rows = await stage.query<{ trying: number | null }>(
      'select trying from unbinding_codes where reference_no = $1',
      [referenceNo],
    )
    if (rows[0]?.trying === 4) break
  }
  return { bankCardToken, referenceNo, late, give }
}

async function cardOf(bankCardToken: string): Promise<string | undefined> {
  const rows = await stage.query<{ state: string }>(
    'select state from card_tokens where bank_card_token = $1',
    [bankCardToken],
  )
  return rows[0]?.state
}

const atBank = async (referenceNo: string): Promise<string | undefined> =>
  (await channel.bindings?.inquireUnbinding(referenceNo, 5_000))?.kind

test('a process that was held up with a code asks nothing any more once others have gone on', async () => {
  const held = new Held('after commit')
  const { bankCardToken, referenceNo, late, give } = await lastButOne(held)
  clock.jump(LEASE_MS + 1)
  await processes.pass(IMMORTAL())
  assert.equal((await give(IMMORTAL(), '100105')).reply.status, 403, 'the fifth was wrong')
  held.letGo()
  assert.equal((await late).reply.status, 403)
  assert.notEqual(await atBank(referenceNo), 'unbound', 'the bank keeps what is kept here')
  assert.equal(await cardOf(bankCardToken), 'active')
})

test('a bank that lets go of an account whose unbinding has come to nothing is a fault that somebody hears of', async () => {
  const held = new Held('after verification')
  const { bankCardToken, referenceNo, late } = await lastButOne(held)
  await stage.query(
    `update unbindings set state = 'failed', due_at = null, settled_at = now() where reference_no = $1`,
    [referenceNo],
  )
  for (const until = Date.now() + 5_000; Date.now() < until; await wait(10))
    if ((await atBank(referenceNo)) === 'unbound') break
  held.letGo()
  const { fault, reply } = await late
  assert.match(String(fault), /Contradiction/)
  assert.notEqual(reply.status, 200)
  assert.equal(await cardOf(bankCardToken), 'active')
})

test('what the bank said before a code was tried again does not open the way to another code', async () => {
  const { bankCardToken } = await keepAccount(stage, 'cimb')
  const give = (fate: Fate, otp: string) =>
    processes.verify(fate, { bankCardToken, otp, externalId: newId() })
  const asked = { tokenId: bankCardToken, externalId: newId(), isHostToHost: true }
  await processes.unbindAccount(IMMORTAL(), asked)
  await control(stage, 'next', { fault: 'drop-before', match: { operation: 'verification' } })
  assert.equal((await give(IMMORTAL(), RIGHT)).reply.status, 504)
  clock.jump(FIRST_PAUSE_MS + 1)
  const [looking, trying] = [new Held('after inquiry'), new Held('before verification')]
  const pass = processes.pass(looking)
  await wait(200)
  const again = give(trying, RIGHT)
  await wait(200)
  looking.letGo()
  await pass
  await assert.rejects(give(IMMORTAL(), '100105'), { outcome: 'conflict' })
  trying.letGo()
  assert.equal((await again).reply.status, 200)
  assert.equal(await cardOf(bankCardToken), 'inactive')
})

test('a code that lives for ever by the bank’s word keeps an unbinding open for an hour', async () => {
  const sent = { kind: 'otp-sent', networkCode: 'W0', attemptsLeft: 5 } as const
  const say = async () => ({ ...sent, otpExpiresAt: Date.parse('9999-01-01T00:00:00Z') })
  assert.ok(channel.bindings)
  const eternal = { ...channel, bindings: { ...channel.bindings, unbind: say, inquireUnbinding: say } }
  const own = openUnbindingProcesses(stage, clock, { channel: eternal })
  const { bankCardToken } = await keepAccount(stage, 'cimb')
  const asked = { tokenId: bankCardToken, externalId: newId(), isHostToHost: true }
  const { reply, unbinding } = await own.unbindAccount(IMMORTAL(), asked)
  assert.equal(reply.status, 202)
  const standing = async () =>
    stage.query('select state from unbindings where reference_no = $1', [unbinding?.referenceNo])
  clock.jump(3_500_000)
  await own.pass(IMMORTAL())
  assert.deepEqual(await standing(), [{ state: 'unresolved' }])
  clock.jump(200_000)
  await own.pass(IMMORTAL())
  assert.deepEqual(await standing(), [{ state: 'failed' }])
  assert.equal(await cardOf(bankCardToken), 'active')
  await own.close()
})
