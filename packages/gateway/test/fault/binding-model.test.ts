import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import fc from 'fast-check'
import { codeOf, newCard, rowOf, wrongCodes } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses, SESSION_MS } from './binding-alike.ts'
import { assertBindingsAgree } from './binding-books.ts'
import { Fate, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
const ALIVE = new Fate(Number.POSITIVE_INFINITY)
const CODE_LIFE_MS = 300_000
const PAUSE_MS = 60_000
let stage: Stage
let processes: BindingProcesses
before(async () => {
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: '3600000' }, simulator: { clock: clock.now } })
  processes = openBindingProcesses(stage, clock)
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** What a binding must be, told without a database, a network or a state machine of ours. */
interface Model {
  state: 'none' | 'otp_sent' | 'active' | 'blocked' | 'expired'
  tried: Set<string>
  /** Of the code that counts. */
  knownWrong: Set<string>
  resends: number
  sentAt: number
  endsAt: number
}

const OPERATIONS = [
  'bind',
  'right',
  'wrong',
  'same-wrong',
  'old',
  'resend',
  'wait-a-little',
  'wait-long',
  'look-after',
] as const
type Operation = (typeof OPERATIONS)[number]

/** What the partner must be told, and what becomes of the model. */
function expectVerify(
  model: Model,
  code: string,
  { isRight, now }: { isRight: boolean; now: number },
): string {
  if (model.state === 'active') return 'transactionAlreadySuccess'
  if (model.state === 'blocked') return 'otpBlocked'
  if (model.state === 'expired' || now >= Math.min(model.sentAt + CODE_LIFE_MS, model.endsAt))
    return 'otpLifetimeExpired'
  if (model.knownWrong.has(code)) return 'invalidOtp'
  model.tried.add(`${model.resends}|${code}`)
  if (isRight) {
    model.state = 'active'
    return 'successful'
  }
  model.knownWrong.add(code)
  if (model.tried.size < 5) return 'invalidOtp'
  model.state = 'blocked'
  return 'otpBlocked'
}

function expectResend(model: Model, now: number): string {
  if (model.state !== 'otp_sent' || now >= model.endsAt) return 'invalidTransactionStatus'
  if (model.resends >= 3) return 'activityCountLimitExceeded'
  if (now < model.sentAt + PAUSE_MS) return 'tooManyRequests'
  model.resends += 1
  model.sentAt = now
  model.endsAt = Math.max(model.endsAt, now + SESSION_MS)
  model.knownWrong.clear()
  return 'successful'
}

/** The time stands while an operation runs, so that model and machine read the same clock to within moments. */
class Play {
  readonly model: Model = {
    state: 'none',
    tried: new Set(),
    knownWrong: new Set(),
    resends: 0,
    sentAt: 0,
    endsAt: 0,
  }
  readonly codes: string[] = []
  referenceNo = ''
  #wrong = 0

  async run(operation: Operation): Promise<void> {
    const isBound = this.model.state !== 'none'
    if (operation === 'bind') return isBound ? undefined : this.#bind()
    if (operation === 'wait-a-little') return clock.jump(61_000)
    if (operation === 'wait-long') return clock.jump(310_000)
    if (operation === 'look-after') return this.#lookAfter()
    if (!isBound) return undefined
    if (operation === 'resend') return this.#resend()
    return this.#verify(operation)
  }

  async #bind(): Promise<void> {
    const { model } = this
    const answer = await processes.bind(ALIVE, { cardNumber: await newCard(stage) })
    this.referenceNo = JSON.parse(answer.reply.text).referenceNo
    Object.assign(model, { state: 'otp_sent', sentAt: clock.now(), endsAt: clock.now() + SESSION_MS })
    this.codes.push(await codeOf(stage, this.referenceNo))
  }

  async #verify(operation: Operation): Promise<void> {
    const right = String(this.codes.at(-1))
    const code = this.#codeFor(operation, right)
    const expected = expectVerify(this.model, code, { isRight: code === right, now: clock.now() })
    const told = await outcomeOf(processes.verify(ALIVE, this.referenceNo, code))
    assert.equal(told, expected, `${operation} of ${this.model.state}`)
  }

  #codeFor(operation: Operation, right: string): string {
    if (operation === 'right') return right
    if (operation === 'old') return String(this.codes.at(0))
    if (operation === 'wrong') this.#wrong += 1
    return String(wrongCodes(right, 8).at(this.#wrong % 8))
  }

  async #resend(): Promise<void> {
    const expected = expectResend(this.model, clock.now())
    const told = await outcomeOf(processes.resend(ALIVE, this.referenceNo))
    assert.equal(told, expected, `resend of ${this.model.state}`)
    if (told === 'successful') this.codes.push(await codeOf(stage, this.referenceNo))
  }

  async #lookAfter(): Promise<void> {
    const { model } = this
    if (model.state === 'otp_sent' && clock.now() >= model.endsAt) model.state = 'expired'
    await processes.reconcile(ALIVE)
  }

  async check(): Promise<void> {
    if (this.model.state === 'none') return
    const row = await rowOf(stage, this.referenceNo)
    assert.deepEqual(
      [row.state, row.attempts, row.resends],
      [this.model.state, this.model.tried.size, this.model.resends],
    )
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

/** Wrong codes are what people type most. */
const anyOperation = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Operation>('wrong') },
  { weight: 8, arbitrary: fc.constantFrom(...OPERATIONS) },
)
const FIVE_WRONG: Operation[] = ['wrong', 'wrong', 'same-wrong', 'wrong', 'wrong', 'wrong', 'right', 'resend']
const NOBODY_CAME: Operation[] = [
  'wait-long',
  'wait-long',
  'wait-long',
  'right',
  'look-after',
  'resend',
  'right',
]

test('whatever is done to a binding in whatever order, it stands as a small model says', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(fc.array(anyOperation, { minLength: 1, maxLength: 20 }), async (operations) => {
      const play = new Play()
      await play.run('bind')
      for (const operation of operations) {
        await play.run(operation)
        await play.check()
      }
      seen.add(play.model.state)
    }),
    { numRuns: 60, examples: [[FIVE_WRONG], [NOBODY_CAME]] },
  )
  await assertBindingsAgree(stage, processes)
  for (const state of ['otp_sent', 'active', 'blocked', 'expired'])
    assert.ok(seen.has(state), `${state} is among ${[...seen].join()}`)
})
