import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import fc from 'fast-check'
import { cimb } from '../../src/channels/cimb/index.ts'
import { newPhone, PIN } from '../account-customer.ts'
import { codeOf, rowOf, wrongCodes } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses, SESSION_MS } from './binding-alike.ts'
import { assertBindingsAgree } from './binding-books.ts'
import { Fate, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
const ALIVE = new Fate(Number.POSITIVE_INFINITY)
const CODE_LIFE_MS = 300_000
const MOST = { otp: 5, pin: 3 } as const
let stage: Stage
let processes: BindingProcesses
before(async () => {
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: '3600000' }, simulator: { clock: clock.now } })
  const url = `${stage.simulator.url}/bank/v1/cimb`
  const channel = cimb.open({ url, key: stage.config.networkKey, connections: 8 })
  processes = openBindingProcesses(stage, clock, channel)
})
after(async () => {
  await processes.close()
  await stage.close()
})

type Step = keyof typeof MOST

/** What an account's binding must be, told without a database, a bank or a state machine of ours. */
interface Model {
  state: 'otp_sent' | 'pin_wanted' | 'active' | 'blocked' | 'expired'
  step: Step
  wrong: Set<string>
  sentAt: number
  endsAt: number
}

const OPERATIONS = [
  'right-code',
  'wrong-code',
  'same-wrong-code',
  'right-pin',
  'wrong-pin',
  'same-wrong-pin',
  'wait-a-little',
  'wait-long',
  'look-after',
] as const
type Operation = (typeof OPERATIONS)[number]

const ENDS: Partial<Record<Model['state'], string>> = {
  active: 'transactionAlreadySuccess',
  blocked: 'otpBlocked',
  expired: 'otpLifetimeExpired',
}

function expectTyping(model: Model, typed: { step: Step; code: string; isRight: boolean }): string {
  const end = ENDS[model.state]
  if (end !== undefined) return end
  if (typed.step !== model.step) return 'invalidTransactionStatus'
  const diesAt = model.step === 'otp' ? Math.min(model.sentAt + CODE_LIFE_MS, model.endsAt) : model.endsAt
  if (clock.now() >= diesAt) return 'otpLifetimeExpired'
  if (model.wrong.has(typed.code)) return 'invalidOtp'
  if (typed.isRight) return goOn(model)
  model.wrong.add(typed.code)
  if (model.wrong.size < MOST[model.step]) return 'invalidOtp'
  model.state = 'blocked'
  return 'otpBlocked'
}

function goOn(model: Model): string {
  const isPin = model.step === 'pin'
  Object.assign(model, isPin ? { state: 'active' } : { state: 'pin_wanted', step: 'pin', wrong: new Set() })
  return isPin ? 'successful' : 'requestInProgress'
}

class Play {
  readonly model: Model
  readonly referenceNo: string
  readonly #code: string
  #typed = 0

  private constructor(referenceNo: string, code: string) {
    this.referenceNo = referenceNo
    this.#code = code
    this.model = {
      state: 'otp_sent',
      step: 'otp',
      wrong: new Set(),
      sentAt: clock.now(),
      endsAt: clock.now() + SESSION_MS,
    }
  }

  static async open(): Promise<Play> {
    const answer = await processes.bindAccount(ALIVE, { phoneNo: newPhone() })
    const { referenceNo } = JSON.parse(answer.reply.text)
    return new Play(referenceNo, await codeOf(stage, referenceNo))
  }

  async run(operation: Operation): Promise<void> {
    if (operation === 'wait-a-little') return clock.jump(61_000)
    if (operation === 'wait-long') return clock.jump(310_000)
    if (operation === 'look-after') return this.#lookAfter()
    const step = operation.endsWith('pin') ? 'pin' : 'otp'
    const right = step === 'pin' ? PIN : this.#code
    if (operation.startsWith('wrong')) this.#typed += 1
    const isRight = operation.startsWith('right')
    const code = isRight ? right : String(wrongCodes(right, 7).at(this.#typed % 7))
    const expected = expectTyping(this.model, { step, code, isRight })
    const told = await outcomeOf(processes.type(ALIVE, this.referenceNo, { step, code }))
    assert.equal(told, expected, `${operation} of ${this.model.state}`)
  }

  async #lookAfter(): Promise<void> {
    const { model } = this
    if (ENDS[model.state] === undefined && clock.now() >= model.endsAt) model.state = 'expired'
    await processes.reconcile(ALIVE)
  }

  async check(): Promise<void> {
    const row = await rowOf(stage, this.referenceNo)
    const attempts = this.model.wrong.size + (this.model.state === 'active' ? 1 : 0)
    assert.deepEqual([row.state, row.attempts], [this.model.state, attempts])
  }
}

async function outcomeOf(work: Promise<{ outcome: string }>): Promise<string> {
  try {
    return (await work).outcome
  } catch (error) {
    assert.ok(error instanceof SnapError, String(error))
    return error.outcome
  }
}

const WRONG_PINS: Operation[] = [
  'right-code',
  'wrong-pin',
  'same-wrong-pin',
  'right-code',
  'wrong-pin',
  'wrong-pin',
  'right-pin',
]
const NOBODY_CAME: Operation[] = [
  'right-code',
  'wait-long',
  'wait-long',
  'wait-long',
  'right-pin',
  'look-after',
]
const ALL_WELL: Operation[] = [
  'wrong-code',
  'right-code',
  'right-code',
  'right-pin',
  'right-pin',
  'right-code',
]

test('whatever is typed in whatever order, an account’s binding stands as a small model says', async () => {
  const seen = new Set<string>()
  const anyOperation = fc.oneof(
    { weight: 3, arbitrary: fc.constant<Operation>('right-code') },
    { weight: 9, arbitrary: fc.constantFrom(...OPERATIONS) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(anyOperation, { minLength: 1, maxLength: 16 }), async (operations) => {
      const play = await Play.open()
      for (const operation of operations) {
        await play.run(operation)
        await play.check()
      }
      seen.add(play.model.state)
    }),
    { numRuns: 50, examples: [[WRONG_PINS], [NOBODY_CAME], [ALL_WELL]] },
  )
  await assertBindingsAgree(stage, processes)
  for (const state of ['otp_sent', 'pin_wanted', 'active', 'blocked', 'expired'])
    assert.ok(seen.has(state), `${state} is among ${[...seen].join()}`)
})
