import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type PaymentBody, SnapError } from '@gerbang/snap'
import fc from 'fast-check'
import { type PaymentState, STATES } from '../../src/payment/states.ts'
import { CARD, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree } from './books.ts'
import { Fate, JumpingClock, openProcesses, type Processes } from './process-alike.ts'

const clock = new JumpingClock()
let stage: Stage
let processes: Processes
let bankCardToken: string
before(async () => {
  stage = await openStage({
    env: { GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: clock.now },
  })
  processes = openProcesses(stage, clock)
  await processes.pay(alive(), { externalId: newId(), body: bodyOf('V2', newId(), { otp: '12345678' }) })
  const [kept] = await stage.query<{ token: string }>('select bank_card_token as token from card_tokens')
  bankCardToken = kept?.token ?? ''
})
after(async () => {
  await processes.close()
  await stage.close()
})

/** The model: what a one-time token makes of a payment, at once and after some seconds. */
interface Plan {
  readonly first: PaymentState
  readonly end: PaymentState
  readonly afterMs: number
}

const at = (first: PaymentState): Plan => ({ first, end: first, afterMs: 0 })
const PLANS: Readonly<Record<string, Plan>> = {
  12345678: at('paid'),
  70000000: at('paid'),
  99940314: at('declined'),
  22220002: at('declined'),
  10000020: { first: 'waiting', end: 'paid', afterMs: 20_000 },
  20000020: { first: 'waiting', end: 'declined', afterMs: 20_000 },
  30000020: { first: 'waiting', end: 'declined', afterMs: 20_000 },
  10000900: { first: 'waiting', end: 'declined', afterMs: 300_000 },
  40000020: { first: 'unresolved', end: 'paid', afterMs: 20_000 },
  50000020: { first: 'unresolved', end: 'reversed', afterMs: 20_000 },
}

type Variant = 'V1' | 'V2' | 'V3' | 'V4'
type Operation =
  | { readonly do: 'pay'; readonly otp: string; readonly variant: Exclude<Variant, 'V4'> }
  | { readonly do: 'recur' }
  | { readonly do: 'repeat' | 'again' | 'again-dearer'; readonly which: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'reconcile' }

const which = fc.nat({ max: 20 })
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      otp: fc.constantFrom(...Object.keys(PLANS)),
      variant: fc.constantFrom('V1', 'V2', 'V3'),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'recur' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('repeat', 'again', 'again-dearer'), which }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.constantFrom(3_000, 21_000, 400_000) }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'reconcile' as const }) },
)

interface Attempt {
  readonly externalId: string
  readonly body: PaymentBody
  readonly plan: Plan
  readonly since: number
  /** Where the model has seen it last. */
  state: PaymentState
}

const alive = () => new Fate(Number.POSITIVE_INFINITY)

function bodyOf(variant: Variant, partnerReferenceNo: string, more: { otp?: string } = {}): PaymentBody {
  const body = { partnerReferenceNo, amount: { value: '10000.00', currency: 'IDR' as const }, ...more }
  if (variant === 'V1') return { ...body, chargeToken: CARD }
  if (variant === 'V2') return { ...body, chargeToken: CARD, isBindAndPay: 'Y' }
  return { ...body, bankCardToken, ...(variant === 'V4' && { additionalInfo: { paymentType: 'RECURRING' } }) }
}

const SILENCE_MS = 60

async function answerTo(externalId: string, body: PaymentBody): Promise<string> {
  const isSilent = PLANS[body.otp ?? '']?.first === 'unresolved'
  const networkTimeoutMs = isSilent ? SILENCE_MS : 5_000
  return processes.pay(alive(), { externalId, body, networkTimeoutMs }).then(
    ({ reply }) => `${reply.status} ${(JSON.parse(reply.text) as { responseCode: string }).responseCode}`,
    (error: unknown) => (error instanceof SnapError ? error.outcome : Promise.reject(error)),
  )
}

async function stateOf({ externalId }: Attempt): Promise<PaymentState> {
  const [row] = await stage.query<{ state: PaymentState }>(
    'select state from payments where external_id = $1',
    [externalId],
  )
  assert.ok(row)
  return row.state
}

/** Every step that is seen is a step of the model, and no earlier than the network could have taken it. */
async function follow(attempt: Attempt): Promise<void> {
  const state = await stateOf(attempt)
  if (state !== attempt.state) {
    const isStep = (STATES[attempt.state].next as readonly string[]).includes(state)
    assert.ok(isStep, `${attempt.state} became ${state}`)
    assert.equal(state, attempt.plan.end)
    assert.ok(clock.now() >= attempt.since + attempt.plan.afterMs)
  }
  attempt.state = state
}

const CODES: Readonly<Record<string, RegExp>> = {
  paid: /^200 2005400$/,
  waiting: /^202 2025400$/,
  unresolved: /^202 2025400$/,
  declined: /^40[34] 40[34]54/,
}

async function begin(attempts: Attempt[], body: PaymentBody, plan: Plan): Promise<void> {
  const attempt = { externalId: newId(), body, plan, since: clock.now(), state: plan.first }
  assert.match(await answerTo(attempt.externalId, body), CODES[plan.first] ?? /never/)
  assert.equal(await stateOf(attempt), plan.first)
  attempts.push(attempt)
}

async function askAgain(
  kind: 'again' | 'again-dearer',
  attempt: Attempt,
  attempts: Attempt[],
): Promise<void> {
  const state = await stateOf(attempts.findLast(({ body }) => isSameOrder(body, attempt.body)) ?? attempt)
  const amount = { value: '20000.00', currency: 'IDR' as const }
  const body = kind === 'again' ? attempt.body : { ...attempt.body, amount }
  // A failed attempt frees the reference, for whatever content.
  if (state === 'declined' || state === 'reversed') return begin(attempts, body, attempt.plan)
  const live = attempts.findLast((one) => isSameOrder(one.body, attempt.body)) ?? attempt
  const isSame = live.body.amount.value === body.amount.value
  const answer = await answerTo(newId(), body)
  assert.equal(answer, isSame ? 'duplicatePartnerReferenceNo' : 'inconsistentRequest')
}

function isSameOrder(one: PaymentBody, other: PaymentBody): boolean {
  return one.partnerReferenceNo === other.partnerReferenceNo
}

async function perform(step: Operation, attempts: Attempt[]): Promise<void> {
  switch (step.do) {
    case 'pay':
      return begin(attempts, bodyOf(step.variant, newId(), step), PLANS[step.otp] ?? at('paid'))
    case 'recur':
      return begin(attempts, bodyOf('V4', newId()), at('paid'))
    case 'jump':
      return clock.jump(step.ms)
    case 'reconcile':
      return void (await processes.reconcile(alive()))
    default: {
      const attempt = attempts[step.which % Math.max(1, attempts.length)]
      if (attempt === undefined) return
      if (step.do !== 'repeat') return askAgain(step.do, attempt, attempts)
      const answer = await answerTo(attempt.externalId, attempt.body)
      // The stored reply with 409; over midnight in Jakarta the id would be free again, but not the reference.
      if (answer !== 'duplicatePartnerReferenceNo') assert.match(answer, /^409 \d{7}$/)
    }
  }
}

test('whatever is asked in whatever order, each payment goes the way of the model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 14 }), async (steps) => {
      const attempts: Attempt[] = []
      for (const step of steps) {
        await perform(step, attempts)
        for (const attempt of attempts) await follow(attempt)
      }
      for (let pass = 0; pass < 60 && attempts.some(({ state, plan }) => state !== plan.end); pass++) {
        clock.jump(pass < 10 ? 5_000 : 61_000)
        await processes.reconcile(alive())
        for (const attempt of attempts) await follow(attempt)
      }
      for (const { state, plan } of attempts) assert.equal(state, plan.end)
      await assertBooksAgree(stage)
    }),
    { numRuns: 25 },
  )
})
