import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PaymentBody } from '@gerbang/snap'
import { paymentHostToHost, settleAnswer } from '../../src/payment/payment-host-to-host.ts'
import { judge } from '../../src/payment/verdict.ts'
import { aPayment, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, control, readBook } from './books.ts'
import { Died, Fate, JumpingClock, openProcesses, type Processes } from './process-alike.ts'

const clock = new JumpingClock()
const LONG_AGO = '3600000'
let stage: Stage
let processes: Processes
before(async () => {
  // The stage's own reconciler rests: this file's processes are the only ones that work, and die.
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: LONG_AGO }, simulator: { clock: clock.now } })
  processes = openProcesses(stage, clock)
})
after(async () => {
  await processes.close()
  await stage.close()
})

interface Behaviour {
  readonly otp?: string
  readonly fault?: string
  readonly networkTimeoutMs?: number
  /** What differs from a payment with a card number. */
  readonly body?: (plain: PaymentBody) => PaymentBody
  /** How the payment stands in the end once the network has heard of it, and what a crash before that leaves. */
  readonly ends: readonly string[]
}

/** What the network may do with a charge. A charge that was never sent is reversed once it has expired. */
const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'approves at once': { ends: ['paid', 'reversed'] },
  declines: { otp: '22220005', ends: ['declined', 'reversed'] },
  'waits for the cardholder, who approves': { otp: '10000005', ends: ['paid', 'reversed'] },
  'waits for the cardholder, who refuses': { otp: '20000005', ends: ['declined', 'reversed'] },
  'keeps silent and approves': { otp: '40000005', networkTimeoutMs: 60, ends: ['paid', 'reversed'] },
  'keeps silent and reverses': { otp: '50000005', networkTimeoutMs: 60, ends: ['reversed'] },
  'never receives the charge': { fault: 'drop-before', ends: ['reversed'] },
  'breaks the connection after booking': { fault: 'drop-after', ends: ['paid', 'reversed'] },
  'answers with garbage': { fault: 'garbage', ends: ['paid', 'reversed'] },
}

/** More boundaries than any life has. */
const MOST = 60
const PASSES = 4

/** A process that pays and reconciles until it dies at the n-th boundary. Returns where, or undefined when it lived. */
async function live(n: number, behaviour: Behaviour, pay = paymentHostToHost): Promise<string | undefined> {
  const fate = new Fate(n)
  const { otp = '12345678', fault, networkTimeoutMs = 2_000 } = behaviour
  const amount = { value: '10000.00', currency: 'IDR' as const }
  const plain: PaymentBody = { ...aPayment({ otp }), amount }
  const body = behaviour.body?.(plain) ?? plain
  const match = { merchantReferenceNo: body.partnerReferenceNo }
  if (fault !== undefined) await control(stage, 'next', { fault, match })
  const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
  const answer = await processes
    .pay(fate, { externalId: newId(), body, networkTimeoutMs }, pay)
    .catch(quietly)
  if (fate.where === undefined) assert.ok(answer, 'who lives is answered')
  for (let pass = 0; pass < PASSES && fate.where === undefined; pass++) {
    clock.jump(11_000)
    await processes.reconcile(fate).catch(quietly)
  }
  return fate.where
}

/** Another process reconciles until nothing is open. */
async function recover(): Promise<void> {
  for (let pass = 0; pass < 20; pass++) {
    clock.jump(12_000)
    await processes.reconcile(new Fate(Number.POSITIVE_INFINITY))
    const open = await stage.query('select 1 from payments where settled_at is null')
    if (open.length === 0) return
  }
  assert.fail('the reconciler leaves payments open')
}

async function stateOfLast(): Promise<string | undefined> {
  const [row] = await stage.query<{ state: string }>(
    'select state from payments order by created_at desc, reference_no desc limit 1',
  )
  return row?.state
}

function keeping(plain: PaymentBody): PaymentBody {
  return { ...plain, additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP', isBindAndPay: 'Y' } }
}

const KEEPING_BEHAVIOURS: Readonly<Record<string, Behaviour>> = Object.fromEntries(
  ['approves at once', 'waits for the cardholder, who approves', 'keeps silent and approves'].flatMap(
    (name) => {
      const behaviour = BEHAVIOURS[name]
      return behaviour === undefined ? [] : [[`${name} and keeps the card`, { ...behaviour, body: keeping }]]
    },
  ),
)

for (const [name, behaviour] of Object.entries({ ...BEHAVIOURS, ...KEEPING_BEHAVIOURS })) {
  test(`whatever line it dies on, gateway and network agree in the end when the network ${name}`, async () => {
    const places: string[] = []
    const ends = new Set<string | undefined>()
    for (let n = 0; n < MOST; n++) {
      const where = await live(n, behaviour)
      await recover()
      await assertBooksAgree(stage)
      if (n >= 2) ends.add(await stateOfLast())
      if (where === undefined) break
      places.push(where)
    }
    assert.ok(places.length >= 6 && places.length < MOST, places.join(', '))
    for (const place of ['before claim', 'after claim', 'before charge', 'after charge', 'after settlement'])
      assert.ok(places.includes(place), `${place} is among ${places.join(', ')}`)
    for (const end of ends) assert.ok(behaviour.ends.includes(String(end)), String(end))
    assert.ok(ends.has(behaviour.ends[0]))
  })
}

test('whatever line it dies on, a payment with a kept card is charged once', async () => {
  await live(Number.POSITIVE_INFINITY, { body: keeping, ends: ['paid'] })
  const [kept] = await stage.query<{ token: string }>('select bank_card_token as token from card_tokens')
  const withKeptCard = ({ chargeToken: _, otp: __, ...plain }: PaymentBody): PaymentBody => ({
    ...plain,
    bankCardToken: kept?.token ?? '',
  })
  for (let n = 0; ; n++) {
    const where = await live(n, { body: withKeptCard, ends: [] })
    await recover()
    await assertBooksAgree(stage)
    if (where === undefined) break
  }
  assert.equal(await stateOfLast(), 'paid')
})

test('the reconciler dies at each of its own boundaries, too', async () => {
  const seen = new Set<string>()
  for (let n = 6; n < MOST; n++) {
    const where = await live(n, { otp: '10000040', ends: [] })
    await recover()
    if (where === undefined) break
    seen.add(where)
  }
  const deeds = ['taking', 'inquiry', 'postponement', 'settlement']
  const wanted = deeds.flatMap((deed) => [`before ${deed}`, `after ${deed}`])
  assert.deepEqual([...seen].sort(), wanted.sort())
  await assertBooksAgree(stage)
})

test('the loop would notice a payment that asks the network before it is claimed', async () => {
  const askFirst: typeof paymentHostToHost = async (deps, channel, order) => {
    assert.equal(order.source.kind, 'card')
    const answer = await channel.charge({ ...order.instruction, source: order.source }, 1_000)
    await deps.claim(order)
    return settleAnswer(deps, order.payment, judge(answer))
  }
  const before = (await readBook(stage)).length
  const verdicts: string[] = []
  for (let n = 0; n < 6; n++) {
    await live(n, { ends: [] }, askFirst)
    await recover()
    verdicts.push(
      await assertBooksAgree(stage).then(
        () => 'agree',
        () => 'disagree',
      ),
    )
  }
  assert.equal((await readBook(stage)).length, before + 5)
  assert.deepEqual(verdicts, ['agree', 'disagree', 'disagree', 'disagree', 'disagree', 'disagree'])
})
