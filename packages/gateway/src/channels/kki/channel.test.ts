import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startSimulator } from '@gerbang/simulator'
import { Secret } from '../../secret.ts'
import type { BindInstruction, Channel, ChargeInstruction, RefundInstruction } from '../channel.ts'
import type { ChargeSource } from '../charge-source.ts'
import { kkiChannel } from './index.ts'

const TIMEOUT_MS = 5_000
const CARD = '9360000220000000011'
const PHONE = '6281234567890'

let serial = 0
function aReference(): string {
  serial += 1
  return String(serial).padStart(32, '7')
}

/** The channel in front of a real simulator whose clock stands at `at` until it is moved. */
async function aNetwork(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'kki-'))
  const simulator = await startSimulator({ directory, port: 0, networkKey: 'the-key' })
  const channel = kkiChannel({ url: simulator.url, key: new Secret('the-key'), connections: 8 })
  t.after(async () => {
    await channel.close()
    await simulator.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const control = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${simulator.url}/_sim${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await response.json()) as Record<string, unknown>
  }
  let offsetMs = 0
  return {
    channel,
    control,
    cards: part(channel.bindings),
    refunds: part(channel.refunds),
    async advance(ms: number) {
      offsetMs += ms
      await control('PUT', '/clock', { offsetMs })
    },
    async newestCode(referenceNo: string): Promise<Secret> {
      const [message] = (await control('GET', `/inbox?referenceNo=${referenceNo}`)) as unknown as {
        code: string
      }[]
      return new Secret(message?.code ?? '')
    },
  }
}

function part<Part>(of: Part | undefined): Part {
  assert.ok(of)
  return of
}

const card = (oneTimeToken: string, keepsCard = false): ChargeSource => ({
  kind: 'card',
  chargeToken: new Secret(CARD),
  oneTimeToken: new Secret(oneTimeToken),
  keepsCard,
})

function aCharge(source: ChargeSource, takes: Partial<ChargeInstruction> = {}): ChargeInstruction {
  return {
    referenceNo: aReference(),
    merchantId: 'BRN-1',
    merchantReferenceNo: 'INV-1',
    amountMinor: 1_000_000n,
    source,
    expiresAt: Date.now() + 86_400_000,
    confirmBy: Date.now() + 300_000,
    ...takes,
  }
}

function aBinding(takes: Partial<BindInstruction> = {}): BindInstruction {
  return {
    referenceNo: aReference(),
    merchantId: 'BRN-1',
    merchantReferenceNo: 'BIND-1',
    customerId: 'CUST-1',
    subject: { kind: 'card', cardNumber: new Secret(CARD), oneTimeToken: undefined },
    phoneNo: new Secret(PHONE),
    expiresAt: Date.now() + 86_400_000,
    ...takes,
  }
}

function aRefund(originalReferenceNo: string, takes: Partial<RefundInstruction> = {}): RefundInstruction {
  return {
    referenceNo: aReference(),
    originalReferenceNo,
    merchantId: 'BRN-1',
    merchantReferenceNo: 'RF-1',
    amountMinor: 400_000n,
    expiresAt: Date.now() + 86_400_000,
    ...takes,
  }
}

async function pay(channel: Channel, source: ChargeSource) {
  const instruction = aCharge(source)
  return { instruction, answer: await channel.charge(instruction, TIMEOUT_MS) }
}

test('a card is bound with the code that was sent, pays by its token, and is unbound', async (t) => {
  const { channel, cards, newestCode } = await aNetwork(t)
  const binding = aBinding()
  const { referenceNo } = binding
  const sent = await cards.bind(binding, TIMEOUT_MS)
  assert.ok(sent.kind === 'otp-sent')
  assert.equal(sent.attemptsLeft, 5)
  assert.ok(Math.abs(sent.otpExpiresAt - Date.now() - 300_000) < 60_000)
  assert.deepEqual(await cards.bind(binding, TIMEOUT_MS), sent, 'the same binding again sends nothing')

  const otp = await newestCode(referenceNo)
  const wrong = await cards.verifyOtp(
    { referenceNo, step: 'otp', attempt: 1, code: new Secret('000000') },
    TIMEOUT_MS,
  )
  assert.ok(wrong.kind === 'otp-sent')
  assert.deepEqual([wrong.networkCode, wrong.attemptsLeft], ['55', 4])
  const bound = await cards.verifyOtp({ referenceNo, step: 'otp', attempt: 2, code: otp }, TIMEOUT_MS)
  assert.ok(bound.kind === 'bound')
  assert.deepEqual(await cards.inquireBinding(referenceNo, TIMEOUT_MS), bound)

  const { networkToken } = bound
  const source: ChargeSource = { kind: 'token', networkToken, oneTimeToken: undefined, isRecurring: true }
  assert.equal((await pay(channel, source)).answer.kind, 'paid')
  const unbinding = { referenceNo: aReference(), merchantId: 'BRN-1', networkToken }
  assert.deepEqual(await cards.unbind(unbinding, TIMEOUT_MS), { kind: 'unbound', networkCode: '00' })
  assert.deepEqual(await cards.inquireUnbinding(unbinding.referenceNo, TIMEOUT_MS), {
    kind: 'unbound',
    networkCode: '00',
  })
  const { answer } = await pay(channel, source)
  assert.deepEqual(answer, { kind: 'declined', outcome: 'inactiveCard', networkCode: 'X40318' })
})

test('a charge that keeps the card brings its token once the cardholder has confirmed', async (t) => {
  const { channel, advance } = await aNetwork(t)
  const { answer, instruction } = await pay(channel, card('10000020', true))
  assert.equal(answer.kind, 'waiting')
  await advance(20_000)
  const paid = await channel.inquire(instruction, TIMEOUT_MS)
  assert.ok(paid.kind === 'paid' && paid.linking?.kind === 'linked')
  const { networkToken } = paid.linking
  const source: ChargeSource = {
    kind: 'token',
    networkToken,
    oneTimeToken: new Secret('22220005'),
    isRecurring: false,
  }
  assert.equal(Reflect.get((await pay(channel, source)).answer, 'outcome'), 'insufficientFunds')
})

test('a cardholder who does not want the card kept has paid all the same', async (t) => {
  const { channel } = await aNetwork(t)
  const { answer } = await pay(channel, card('70000000', true))
  assert.ok(answer.kind === 'paid')
  assert.deepEqual(answer.linking, { kind: 'declined' })
  assert.ok(!('linking' in (await pay(channel, card('12345678'))).answer))
})

test('a cardholder who has not confirmed in time has not paid', async (t) => {
  const { channel, advance } = await aNetwork(t)
  const { answer, instruction } = await pay(channel, card('10000000'))
  assert.equal(answer.kind, 'waiting')
  await advance(300_000)
  assert.equal(Reflect.get(await channel.inquire(instruction, TIMEOUT_MS), 'outcome'), 'transactionExpired')
})

test('a refund is given back once, and never more than was paid', async (t) => {
  const { channel, refunds } = await aNetwork(t)
  const { referenceNo } = (await pay(channel, card('12345678'))).instruction
  const refund = aRefund(referenceNo)
  const refunded = await refunds.refund(refund, TIMEOUT_MS)
  assert.equal(refunded.kind, 'refunded')
  assert.deepEqual(await refunds.refund(refund, TIMEOUT_MS), refunded)
  assert.deepEqual(await refunds.inquireRefund(refund, TIMEOUT_MS), refunded)
  const more = await refunds.refund(aRefund(referenceNo, { amountMinor: 600_001n }), TIMEOUT_MS)
  assert.deepEqual(more, { kind: 'declined', outcome: 'invalidAmount', networkCode: '13' })
  const rest = await refunds.refund(aRefund(referenceNo, { amountMinor: 600_000n }), TIMEOUT_MS)
  assert.equal(rest.kind, 'refunded')
  const unknown = await refunds.refund(aRefund(aReference()), TIMEOUT_MS)
  assert.equal(Reflect.get(unknown, 'outcome'), 'transactionNotFound')
})

test('what the network never heard of is not found; what expired was never booked', async (t) => {
  const { channel, cards, refunds } = await aNetwork(t)
  const referenceNo = aReference()
  const notFound = { kind: 'not-found' }
  assert.deepEqual(await cards.inquireBinding(referenceNo, TIMEOUT_MS), notFound)
  assert.deepEqual(await cards.inquireUnbinding(referenceNo, TIMEOUT_MS), notFound)
  const paid = (await pay(channel, card('12345678'))).instruction
  const refund = aRefund(paid.referenceNo, { expiresAt: Date.now() - 1 })
  assert.equal((await refunds.refund(refund, TIMEOUT_MS)).kind, 'unresolved')
  assert.deepEqual(await refunds.inquireRefund(refund, TIMEOUT_MS), notFound)
  const binding = aBinding({ expiresAt: Date.now() - 1 })
  assert.equal((await cards.bind(binding, TIMEOUT_MS)).kind, 'unresolved')
  assert.deepEqual(await cards.inquireBinding(binding.referenceNo, TIMEOUT_MS), notFound)
})

test('a code is sent anew after a minute, three times; the old one is worth nothing', async (t) => {
  const { cards, newestCode, advance } = await aNetwork(t)
  const { referenceNo } = aBinding()
  await cards.bind(aBinding({ referenceNo }), TIMEOUT_MS)
  const first = await newestCode(referenceNo)
  const tooMany = { kind: 'declined', outcome: 'tooManyRequests', networkCode: 'X42900' }
  assert.deepEqual(await cards.resendOtp(referenceNo, TIMEOUT_MS), tooMany)
  for (let resends = 0; resends < 3; resends++) {
    await advance(60_000)
    assert.equal((await cards.resendOtp(referenceNo, TIMEOUT_MS)).kind, 'otp-sent')
  }
  await advance(60_000)
  assert.deepEqual(await cards.resendOtp(referenceNo, TIMEOUT_MS), tooMany)
  const old = await cards.verifyOtp({ referenceNo, step: 'otp', attempt: 1, code: first }, TIMEOUT_MS)
  assert.ok(old.kind === 'otp-sent' && old.networkCode === '55')
  const otp = await newestCode(referenceNo)
  assert.equal(
    (await cards.verifyOtp({ referenceNo, step: 'otp', attempt: 2, code: otp }, TIMEOUT_MS)).kind,
    'bound',
  )
})

const ENDS: readonly (readonly [otp: string, kind: string, detail: string])[] = [
  ['111000', 'bound', '00'],
  ['222001', 'expired', 'X40312'],
  ['222002', 'blocked', '75'],
  ['222005', 'declined', '51'],
  ['940305', 'declined', '05'],
  ['920200', 'unresolved', '09'],
]
for (const [otp, kind, networkCode] of ENDS)
  test(`the code ${otp} ends a binding as ${kind}`, async (t) => {
    const { cards } = await aNetwork(t)
    const binding = aBinding()
    await cards.bind(binding, TIMEOUT_MS)
    const { referenceNo } = binding
    const answer = await cards.verifyOtp(
      { referenceNo, step: 'otp', attempt: 1, code: new Secret(otp) },
      TIMEOUT_MS,
    )
    assert.deepEqual([answer.kind, Reflect.get(answer, 'networkCode')], [kind, networkCode])
  })

test('a binding that is cancelled stays so', async (t) => {
  const { cards } = await aNetwork(t)
  const binding = aBinding()
  await cards.bind(binding, TIMEOUT_MS)
  const { referenceNo } = binding
  const cancelled = { kind: 'cancelled', networkCode: 'X40404' }
  assert.deepEqual(await cards.cancelBinding(referenceNo, TIMEOUT_MS), cancelled)
  const late = await cards.verifyOtp(
    { referenceNo, step: 'otp', attempt: 1, code: new Secret('111000') },
    TIMEOUT_MS,
  )
  assert.deepEqual(late, cancelled)
})

test('whatever breaks on the way is no clear word, and the repetition is answered as if nothing had', async (t) => {
  const { channel, cards, refunds, control } = await aNetwork(t)
  const fault = (operation: string, name: string) =>
    control('POST', '/next', { fault: name, match: { operation } })
  const { referenceNo: charge } = (await pay(channel, card('12345678'))).instruction
  const binding = aBinding()
  const { referenceNo } = binding
  const verify = { referenceNo, step: 'otp', attempt: 1, code: new Secret('111000') } as const
  let networkToken = new Secret('')
  const refund = aRefund(charge)
  const unbinding = { referenceNo: aReference(), merchantId: 'BRN-1' }
  const CALLS = [
    ['binding', 'otp-sent', () => cards.bind(binding, TIMEOUT_MS)],
    ['verification', 'bound', () => cards.verifyOtp(verify, TIMEOUT_MS)],
    ['unbinding', 'unbound', () => cards.unbind({ ...unbinding, networkToken }, TIMEOUT_MS)],
    ['refund', 'refunded', () => refunds.refund(refund, TIMEOUT_MS)],
  ] as const
  for (const [operation, kind, call] of CALLS) {
    for (const name of ['drop-before', 'reset', 'drop-after', 'garbage', 'empty']) {
      await fault(operation, name)
      assert.equal((await call()).kind, 'unresolved', `${name} of ${operation}`)
    }
    const answer = await call()
    assert.equal(answer.kind, kind)
    if (answer.kind === 'bound') networkToken = answer.networkToken
  }
})

test('a network that cannot be reached is no clear word on what may be a repetition', async (t) => {
  const channel = kkiChannel({ url: 'http://127.0.0.1:1', key: undefined, connections: 1 })
  t.after(() => channel.close())
  const { bindings: cards, refunds } = channel
  assert.equal((await part(cards).bind(aBinding(), TIMEOUT_MS)).kind, 'unresolved')
  assert.equal((await part(cards).inquireBinding(aReference(), TIMEOUT_MS)).kind, 'unresolved')
  assert.equal((await part(refunds).refund(aRefund(aReference()), TIMEOUT_MS)).kind, 'unresolved')
})
