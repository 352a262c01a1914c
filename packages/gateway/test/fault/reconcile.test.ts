import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Channel, ChannelAnswer, InquiryAnswer } from '../../src/channels/channel.ts'
import { KKI } from '../../src/channels/kki/profile.ts'
import type { Seams } from '../../src/index.ts'
import { aPayment, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage, type StageOptions } from '../stage.ts'
import { JumpingClock } from './process-alike.ts'

const NOT_FOUND: InquiryAnswer = { kind: 'not-found' }
const SILENCE: ChannelAnswer = { kind: 'unresolved', cause: 'a test' }
const paid = (referenceNo: string): ChannelAnswer => ({
  kind: 'paid',
  networkReferenceNo: `N${referenceNo.slice(-6)}`,
  networkCode: '00',
})

/** The network, replaced at its seam: it says to each charge and inquiry what the test wants to hear. */
function aChannel(says: Partial<Pick<Channel, 'charge' | 'inquire'>>): Channel {
  return {
    profile: KKI,
    owns: () => true,
    charge: async () => SILENCE,
    inquire: async () => NOT_FOUND,
    close: async () => {},
    ...says,
  }
}

const EXPIRY_MS = 400
const stages: Stage[] = []
afterEach(() => Promise.all(stages.splice(0).map((stage) => stage.close())))

async function open(channel: Channel, options: StageOptions = {}, seams: Seams = {}): Promise<Stage> {
  const stage = await openStage({
    ...options,
    env: {
      GERBANG_NETWORK_EXPIRY_MS: String(EXPIRY_MS),
      GERBANG_FIRST_INQUIRY_MS: '20',
      GERBANG_LONGEST_PAUSE_MS: '50',
      GERBANG_RECONCILE_EVERY_MS: '20',
      ...options.env,
    },
    seams: { channels: [channel], ...seams },
  })
  stages.push(stage)
  return stage
}

async function stateOf(stage: Stage, referenceNo: string): Promise<string | undefined> {
  const sql = 'select state from payments where reference_no = $1'
  return (await stage.query<{ state: string }>(sql, [referenceNo]))[0]?.state
}

async function untilIs(stage: Stage, referenceNo: string, state: string): Promise<void> {
  const until = Date.now() + 20_000
  while ((await stateOf(stage, referenceNo)) !== state) {
    assert.ok(Date.now() < until, `${await stateOf(stage, referenceNo)} instead of ${state}`)
    await wait(10)
  }
}

const isForgotten = (line: string) => line.includes('Forgotten')

for (const [title, charge, inquire] of [
  ['in its answer', async () => ({ ...SILENCE, networkCode: '09' }), async () => NOT_FOUND],
  ['at an inquiry', async () => SILENCE, [{ ...SILENCE, networkCode: '09' }]],
] as const)
  test(`a charge that the network called pending ${title} is never reversed because it is forgotten`, async () => {
    const said = Array.isArray(inquire) ? [...inquire] : []
    const channel = aChannel({
      charge,
      inquire: async () => said.shift() ?? NOT_FOUND,
    })
    const stage = await open(channel)
    const { referenceNo } = (await stage.merchant.pay()).body
    await wait(EXPIRY_MS + 500)
    assert.equal(await stateOf(stage, referenceNo), 'unresolved')
    assert.ok(stage.logged.some(isForgotten), 'somebody is told')
  })

test('a charge of which the network knows nothing is reversed after its expiry', async () => {
  const stage = await open(aChannel({}))
  const since = performance.now()
  const { referenceNo } = (await stage.merchant.pay()).body
  await untilIs(stage, referenceNo, 'reversed')
  assert.ok(performance.now() - since >= EXPIRY_MS, 'not before')
})

test('a clock that jumps ahead reverses nothing before its time', async () => {
  const clock = new JumpingClock()
  const env = { GERBANG_NETWORK_EXPIRY_MS: '1500' }
  const stage = await open(aChannel({}), { env }, { clock })
  const since = performance.now()
  const { referenceNo } = (await stage.merchant.pay()).body
  clock.jump(3_600_000)
  await untilIs(stage, referenceNo, 'reversed')
  assert.ok(performance.now() - since >= 1_500, 'not before')
})

test('an inquiry that hangs holds nobody else', async () => {
  const hanging = new Set<string>()
  let isHanging = false
  let ends = () => {}
  const ended = new Promise<void>((resolve) => {
    ends = resolve
  })
  const channel = aChannel({
    async inquire({ referenceNo }) {
      if (!hanging.has(referenceNo)) return paid(referenceNo)
      isHanging = true
      await ended
      return SILENCE
    },
    async charge({ referenceNo, merchantReferenceNo }) {
      if (merchantReferenceNo.startsWith('HANG')) hanging.add(referenceNo)
      return SILENCE
    },
  })
  const stage = await open(channel)
  const hung = await stage.merchant.call(PAYMENT_PATH, { ...aPayment(), partnerReferenceNo: 'HANG-1' })
  assert.equal(hung.status, 202)
  while (!isHanging) await wait(10)
  try {
    const others = await Promise.all(Array.from({ length: 5 }, () => stage.merchant.pay()))
    for (const { body } of others) await untilIs(stage, body.referenceNo, 'paid')
  } finally {
    ends()
  }
})

test('more payments than are asked about at a time are all asked about', async () => {
  let asked = 0
  let most = 0
  const channel = aChannel({
    async inquire({ referenceNo }) {
      most = Math.max(most, ++asked)
      await wait(5)
      asked--
      return paid(referenceNo)
    },
  })
  const stage = await open(channel, { env: { GERBANG_RECONCILE_BATCH: '3' } })
  const payments = await Promise.all(Array.from({ length: 30 }, () => stage.merchant.pay()))
  for (const { body } of payments) await untilIs(stage, body.referenceNo, 'paid')
  assert.equal(most, 3)
})
