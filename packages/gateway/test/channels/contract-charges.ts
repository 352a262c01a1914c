import assert from 'node:assert/strict'
import { MAGIC } from '@gerbang/simulator'
import { outcomeByCase } from '@gerbang/snap'
import type { ChannelFolder } from '../../src/channels/channel-folder.ts'
import { LOST_AFTER, LOST_BEFORE, promise } from './contract.ts'
import {
  aCharge,
  aReference,
  confirm,
  outcome,
  present,
  RIGHT_CODE,
  RIGHT_PIN,
  recurringSource,
  type Stage,
  saleSource,
  TIMEOUT_MS,
  tryCode,
  WRONG_CODE,
} from './contract-stage.ts'

/** Charging, in every way that the profile names. */
export function addChargeContract({ slug, profile }: ChannelFolder): void {
  const { payment } = profile
  addSale(slug)
  addCases(slug)
  if (payment.types.includes('RECURRING')) addRecurring(slug)
  if (payment.shape === 'debit') addConfirmations(slug)
}

function addSale(slug: string): void {
  promise(slug, 'a sale waits for its customer and is paid when he has confirmed', async (stage) => {
    const charge = aCharge(await saleSource(stage))
    const waiting = await stage.channel.charge(charge, TIMEOUT_MS)
    assert.equal(waiting.kind, 'waiting')
    assert.deepEqual(await stage.channel.inquire(charge, TIMEOUT_MS), waiting)
    const paid = await confirm(stage, charge, waiting)
    assert.equal(paid.kind, 'paid')
    assert.deepEqual(await stage.channel.inquire(charge, TIMEOUT_MS), paid)
    assert.equal(await stage.booked(charge.referenceNo), 1)
  })

  promise(slug, 'a sale that its customer refuses, or forgets, is not paid', async (stage) => {
    const source = await saleSource(stage)
    const refused = aCharge(source)
    await stage.decide(refused.referenceNo, await stage.channel.charge(refused, TIMEOUT_MS), 'decline')
    assert.equal(outcome(await stage.channel.inquire(refused, TIMEOUT_MS)), 'transactionCancelled')
    const forgotten = aCharge(source, { confirmBy: Date.now() + 60_000 })
    await stage.channel.charge(forgotten, TIMEOUT_MS)
    await stage.advance(60_000)
    assert.equal(outcome(await stage.channel.inquire(forgotten, TIMEOUT_MS)), 'transactionExpired')
  })

  promise(slug, 'silence about a charge is no word, and an inquiry brings the truth', async (stage) => {
    const { channel } = stage
    const source = await saleSource(stage)
    assert.deepEqual(await channel.inquire(aCharge(source), TIMEOUT_MS), { kind: 'not-found' })
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      const charge = aCharge(source)
      await stage.fault('charge', fault)
      assert.equal((await channel.charge(charge, TIMEOUT_MS)).kind, 'unresolved', fault)
      const { kind } = await channel.inquire(charge, TIMEOUT_MS)
      assert.equal(kind, LOST_BEFORE.some((name) => name === fault) ? 'not-found' : 'waiting', fault)
    }
    const twice = aCharge(source)
    await stage.fault('charge', 'duplicate')
    assert.equal((await channel.charge(twice, TIMEOUT_MS)).kind, 'waiting')
    assert.equal(await stage.booked(twice.referenceNo), 1)
  })

  promise(slug, 'a charge that comes too late is not booked', async (stage) => {
    const charge = aCharge(await saleSource(stage), { expiresAt: Date.now() - 1 })
    assert.equal((await stage.channel.charge(charge, TIMEOUT_MS)).kind, 'unresolved')
    assert.deepEqual(await stage.channel.inquire(charge, TIMEOUT_MS), { kind: 'not-found' })
  })

  promise(slug, 'an answer that takes too long is waited for no longer', async (stage) => {
    const charge = aCharge(await saleSource(stage))
    await stage.fault('charge', 'late')
    assert.equal((await stage.channel.charge(charge, 300)).kind, 'unresolved')
    assert.equal((await stage.channel.inquire(charge, TIMEOUT_MS)).kind, 'waiting')
  })
}

function addCases(slug: string): void {
  promise(slug, 'each case of the table reaches its outcome', async (stage) => {
    const source = await saleSource(stage)
    for (const row of MAGIC) {
      const charge = aCharge(source, { merchantReferenceNo: `${row.reference}A1` })
      const answer = await stage.channel.charge(charge, TIMEOUT_MS)
      if (row.case === '20000') assert.equal(answer.kind, 'paid', row.case)
      else if (row.case === '20200') assert.ok(['waiting', 'unresolved'].includes(answer.kind), answer.kind)
      else assert.deepEqual([answer.kind, outcome(answer)], ['declined', outcomeByCase(row.case)], row.case)
    }
  })
}

function addRecurring(slug: string): void {
  promise(slug, 'a recurring charge is paid at once', async (stage) => {
    const charge = aCharge(await recurringSource(stage))
    const paid = await stage.channel.charge(charge, TIMEOUT_MS)
    assert.equal(paid.kind, 'paid')
    assert.deepEqual(await stage.channel.inquire(charge, TIMEOUT_MS), paid)
  })
}

/** The first charge that waits for a code; undefined where its customer confirms elsewhere. */
async function aCodedCharge(stage: Stage) {
  const charge = aCharge(await saleSource(stage))
  const first = await stage.channel.charge(charge, TIMEOUT_MS)
  if (first.kind !== 'waiting' || first.step !== 'otp') return undefined
  const { resendOtp } = present(stage.channel.confirmations)
  const sent = first.otpExpiresAt === undefined ? await resendOtp(charge, TIMEOUT_MS) : first
  assert.ok(sent.kind === 'waiting' && sent.otpExpiresAt !== undefined)
  return charge
}

function addConfirmations(slug: string): void {
  promise(slug, 'a wrong code counts once, the fifth one ends the charge', async (stage) => {
    const charge = await aCodedCharge(stage)
    if (charge === undefined) return expectNoCode(stage)
    const attempt = (number: number) =>
      tryCode(stage, { ...charge, step: 'otp', attempt: number, code: WRONG_CODE })
    const wrong = await attempt(1)
    assert.deepEqual(wrong, { kind: 'wrong-code', networkCode: '55', attemptsLeft: 4 })
    assert.deepEqual(await attempt(1), wrong)
    for (let number = 2; number < 5; number++) await attempt(number)
    assert.equal(outcome(await attempt(5)), 'otpBlocked')
    assert.equal(outcome(await stage.channel.inquire(charge, TIMEOUT_MS)), 'otpBlocked')
    const next = aCharge(charge.source)
    assert.equal(outcome(await stage.channel.charge(next, TIMEOUT_MS)), 'otpBlocked', 'for a day')
  })

  promise(slug, 'a new code makes the one before worthless, and an old one is told to be', async (stage) => {
    const charge = await aCodedCharge(stage)
    if (charge === undefined) return expectNoCode(stage)
    const { resendOtp } = present(stage.channel.confirmations)
    const old = await stage.newestCode(charge.referenceNo)
    const tooSoon = await resendOtp(charge, TIMEOUT_MS)
    assert.deepEqual([tooSoon.kind, Reflect.get(tooSoon, 'networkCode')], ['waiting', 'X42900'])
    await stage.advance(300_000)
    const expired = await tryCode(stage, { ...charge, step: 'otp', attempt: 1, code: old })
    assert.deepEqual(expired, { kind: 'code-expired', networkCode: 'X40312' })
    assert.equal((await stage.channel.inquire(charge, TIMEOUT_MS)).kind, 'waiting')
    const sent = await resendOtp(charge, TIMEOUT_MS)
    assert.equal(Reflect.get(sent, 'networkCode'), 'W0')
    const wrong = await tryCode(stage, { ...charge, step: 'otp', attempt: 2, code: old })
    assert.equal(wrong.kind, 'wrong-code')
    const code = await stage.newestCode(charge.referenceNo)
    const right = await tryCode(stage, { ...charge, step: 'otp', attempt: 3, code })
    assert.equal((await confirm(stage, charge, right as never)).kind, 'paid')
  })

  promise(slug, 'silence about a code is no word, and the money moves once', async (stage) => {
    const charge = await aCodedCharge(stage)
    if (charge === undefined) return expectNoCode(stage)
    const attempt = () => tryCode(stage, { ...charge, step: 'otp', attempt: 1, code: RIGHT_CODE })
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('confirmation', fault)
      assert.equal((await attempt()).kind, 'unresolved', fault)
    }
    const answer = await attempt()
    const isPinNext = answer.kind === 'waiting' && answer.step === 'pin'
    const pin = { ...charge, step: 'pin', attempt: 1, code: RIGHT_PIN } as const
    const paid = isPinNext ? await tryCode(stage, pin) : answer
    assert.equal(paid.kind, 'paid')
    assert.deepEqual(isPinNext ? await tryCode(stage, pin) : await attempt(), paid)
    assert.equal(await stage.booked(charge.referenceNo), 1)
  })

  promise(slug, 'a partner who can send a code alone is asked for no PIN', async (stage) => {
    const source = await saleSource(stage)
    if (source.kind !== 'token') throw new Error('a debit names what is kept')
    const { canAskPin: _, ...partners } = source
    const charge = aCharge(partners)
    const first = await stage.channel.charge(charge, TIMEOUT_MS)
    if (first.kind === 'waiting' && first.step === 'app') return expectNoCode(stage)
    const { resendOtp } = present(stage.channel.confirmations)
    if (first.kind === 'waiting' && first.otpExpiresAt === undefined) await resendOtp(charge, TIMEOUT_MS)
    const answer = await tryCode(stage, { ...charge, step: 'otp', attempt: 1, code: RIGHT_CODE })
    assert.equal(answer.kind, 'paid')
  })

  for (const [caseCode, kind, expected] of [
    ['40312', 'code-expired', undefined],
    ['40415', 'wrong-code', undefined],
    ['40311', 'declined', 'otpBlocked'],
    ['40314', 'declined', 'insufficientFunds'],
    ['20200', 'unresolved', undefined],
  ] as const)
    promise(slug, `a code of a payment that is answered ${caseCode} is ${kind}`, async (stage) => {
      const charge = await aCodedCharge(stage)
      if (charge === undefined) return expectNoCode(stage)
      await stage.control('confirmation', caseCode)
      const answer = await tryCode(stage, { ...charge, step: 'otp', attempt: 1, code: RIGHT_CODE })
      assert.deepEqual([answer.kind, outcome(answer)], [kind, expected])
    })
}

/** Where a sale is confirmed in an application, a code says nothing: the charge waits on, and is paid by no code. */
async function expectNoCode(stage: Stage): Promise<void> {
  const charge = aCharge(await saleSource(stage), { referenceNo: aReference() })
  await stage.channel.charge(charge, TIMEOUT_MS)
  const answer = await tryCode(stage, { ...charge, step: 'otp', attempt: 1, code: RIGHT_CODE })
  assert.deepEqual([answer.kind, Reflect.get(answer, 'step')], ['waiting', 'app'])
}
