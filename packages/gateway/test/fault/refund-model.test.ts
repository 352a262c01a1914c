import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Manner, openLedgerNetwork } from '../ledger-network.ts'
import { newId } from '../merchant.ts'
import { assertRefundsAgree } from '../refund-books.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'
import { Fate, JumpingClock } from './process-alike.ts'
import { openRefundProcesses, type RefundProcesses } from './refund-processes.ts'

const clock = new JumpingClock()
const network = openLedgerNetwork()
let stage: Stage
let processes: RefundProcesses
before(async () => {
  stage = await openStage({
    env: { GERBANG_RECONCILE_EVERY_MS: '3600000', GERBANG_NETWORK_EXPIRY_MS: '20000' },
    seams: { channels: [network.channel] },
  })
  processes = openRefundProcesses(stage, clock, network)
})
after(async () => {
  await processes.close()
  await stage.close()
})

const PAID = 100

/** A refund as the model knows it; amounts in whole rupiah. */
interface Line {
  readonly number: string
  readonly externalId: string
  readonly amount: number
  readonly manner: Manner
  readonly text: string
  state: 'pending' | 'refunded' | 'failed'
}

type Step =
  | { readonly kind: 'refund'; readonly amount: number; readonly manner: Manner }
  | { readonly kind: 'same request' | 'same number' | 'other amount'; readonly pick: number }
  | { readonly kind: 'inquire' }

const manner = fc.constantFrom<Manner>(
  'refunds',
  'refunds',
  'declines',
  'refunds-in-silence',
  'declines-in-silence',
  'lost',
  'refunds-later',
  'declines-later',
)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('refund' as const),
      amount: fc.integer({ min: 0, max: 120 }),
      manner,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('same request' as const, 'same number' as const, 'other amount' as const),
      pick: fc.nat(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'inquire' as const }) },
)

/** §7.3 in thirty lines: what is refunded or pending is taken, what failed is free, a number is used once. */
class Model {
  readonly lines: Line[] = []

  sum(...states: readonly Line['state'][]): number {
    return this.lines
      .filter(({ state }) => states.includes(state))
      .reduce((sum, { amount }) => sum + amount, 0)
  }

  codeFor(amount: number, manner: Manner): string {
    if (amount === 0) return '4040713'
    if (this.sum('refunded') === PAID) return '4040700'
    if (this.sum('refunded', 'pending') + amount > PAID) return '4040713'
    return manner === 'refunds' ? '2000700' : manner === 'declines' ? '4030705' : '2020700'
  }

  codeForNumber(line: Line, isSame: boolean): string {
    return isSame && line.state !== 'failed' ? '4090701' : '4040718'
  }

  /** The network was asked until it had said of each what it does. */
  settle(): void {
    for (const line of this.lines)
      if (line.state === 'pending') line.state = line.manner.startsWith('refunds') ? 'refunded' : 'failed'
  }

  history(): string[] {
    const words = { refunded: '00', pending: '03', failed: '06' }
    return this.lines.map(({ number, amount, state }) => `${number} ${amount}.00 ${words[state]}`)
  }
}

const rupiah = (amount: number) => `${amount}.00`

async function take(model: Model, paid: string, one: Step): Promise<void> {
  if (one.kind === 'inquire') {
    // Far enough for every pause and past every expiry, by all clocks.
    for (let pass = 0; pass < 5; pass++) {
      clock.jump(60_000)
      await processes.reconcile(new Fate(Number.POSITIVE_INFINITY))
    }
    return model.settle()
  }
  if (one.kind === 'refund') {
    const externalId = newId()
    const body = aRefund(paid, rupiah(one.amount))
    network.set(one.manner, body.partnerRefundNo)
    const expected = model.codeFor(one.amount, one.manner)
    const answer = await refund(stage.merchant, body, { externalId })
    assert.equal(answer.body.responseCode, expected)
    const state = ({ 2000700: 'refunded', 2020700: 'pending', 4030705: 'failed' } as const)[expected]
    const { partnerRefundNo: number } = body
    if (state !== undefined) model.lines.push({ ...one, number, externalId, text: answer.text, state })
    return
  }
  const line = model.lines[one.pick % Math.max(1, model.lines.length)]
  if (line === undefined) return
  const isSame = one.kind !== 'other amount'
  const body = aRefund(paid, rupiah(isSame ? line.amount : line.amount + 1), { partnerRefundNo: line.number })
  if (one.kind === 'same request') {
    const { status, text } = await refund(stage.merchant, body, { externalId: line.externalId })
    assert.equal(status, 409)
    const isSettledLate = line.state !== 'pending' && line.text.includes('"2020700"')
    if (!isSettledLate) assert.equal(text, line.text)
    else assert.match(text, line.state === 'refunded' ? /"2000700"/ : /"(4030705|5040700)"/)
    return
  }
  assert.equal((await refund(stage.merchant, body)).body.responseCode, model.codeForNumber(line, isSame))
}

async function compare(model: Model, paid: string): Promise<void> {
  const { body } = await stage.merchant.status({ originalPartnerReferenceNo: paid })
  const history = (body.refundHistory ?? []) as {
    partnerReferenceNo: string
    refundAmount: { value: string }
    refundStatus: string
  }[]
  assert.deepEqual(
    history.map((line) => `${line.partnerReferenceNo} ${line.refundAmount.value} ${line.refundStatus}`),
    model.history(),
  )
  assert.equal(body.latestTransactionStatus, model.sum('refunded') === PAID ? '04' : '00')
  assert.ok(model.sum('refunded', 'pending') <= PAID)
}

test('whatever is asked in whatever order, the gateway does what §7.3 says, and the network’s book is ours', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
      const model = new Model()
      const paid = await aPaidOne(stage.merchant, rupiah(PAID))
      for (const one of steps) {
        await take(model, paid, one)
        await compare(model, paid)
      }
      await take(model, paid, { kind: 'inquire' })
      await compare(model, paid)
      await assertRefundsAgree(stage, network)
    }),
    { numRuns: 40 },
  )
})
