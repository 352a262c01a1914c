import assert from 'node:assert/strict'
import type { ChannelFolder } from '../../src/channels/channel-folder.ts'
import { LOST_AFTER, LOST_BEFORE, promise } from './contract.ts'
import {
  aBinding,
  aReference,
  bindingsOf,
  finishBinding,
  openBinding,
  outcome,
  RIGHT_CODE,
  RIGHT_PIN,
  TIMEOUT_MS,
  WRONG_CODE,
} from './contract-stage.ts'
import { addUnbindingContract } from './contract-unbindings.ts'

/** Keeping and letting go, for channels that keep something. */
export function addBindingContract({ slug, profile }: ChannelFolder): void {
  const { binding } = profile
  if (binding === undefined) {
    promise(slug, 'nothing is kept', async ({ channel }) => assert.equal(channel.bindings, undefined))
    return
  }
  addBinding(slug)
  addCodes(slug)
  if (binding.hasPin) addPin(slug)
  addUnbindingContract(slug, binding)
}

function addBinding(slug: string): void {
  promise(slug, 'what is kept is bound with the right codes, and stays so', async (stage) => {
    const { bind, inquireBinding } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    const bound = await finishBinding(stage, referenceNo)
    assert.equal(bound.kind, 'bound')
    assert.deepEqual(await inquireBinding(referenceNo, TIMEOUT_MS), bound)
    assert.deepEqual(await bind(aBinding(stage, { referenceNo }), TIMEOUT_MS), bound, 'a repetition')
  })

  promise(
    slug,
    'the code that was sent is right, and a PIN follows it where the profile says so',
    async (stage) => {
      const { verify } = bindingsOf(stage)
      const referenceNo = await openBinding(stage)
      const answer = await verify(referenceNo, 'otp', 1, await stage.newestCode(referenceNo))
      assert.equal(answer.kind, stage.profile.binding?.hasPin ? 'pin-wanted' : 'bound')
    },
  )

  promise(slug, 'a binding that was cancelled or never heard of is none', async (stage) => {
    const { cancelBinding, inquireBinding, verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    assert.equal((await cancelBinding(referenceNo, TIMEOUT_MS)).kind, 'cancelled')
    assert.equal((await verify(referenceNo, 'otp', 1, RIGHT_CODE)).kind, 'cancelled')
    assert.deepEqual(await inquireBinding(aReference(), TIMEOUT_MS), { kind: 'not-found' })
  })

  promise(slug, 'a binding that comes too late is not made', async (stage) => {
    const { bind, inquireBinding } = bindingsOf(stage)
    const late = aBinding(stage, { expiresAt: Date.now() - 1 })
    assert.equal((await bind(late, TIMEOUT_MS)).kind, 'unresolved')
    assert.deepEqual(await inquireBinding(late.referenceNo, TIMEOUT_MS), { kind: 'not-found' })
  })

  for (const [caseCode, expected] of [
    ['40307', 'cardBlocked'],
    ['40315', 'transactionNotPermitted'],
    ['40411', 'invalidCard'],
    ['50400', 'timeout'],
  ] as const)
    promise(slug, `a binding that is refused with ${caseCode} is ${expected}`, async (stage) => {
      await stage.control('binding', caseCode)
      const answer = await bindingsOf(stage).bind(aBinding(stage), TIMEOUT_MS)
      assert.deepEqual([answer.kind, outcome(answer)], ['declined', expected])
    })

  promise(slug, 'silence about a binding is no word, and asking again brings the truth', async (stage) => {
    const { bind, inquireBinding } = bindingsOf(stage)
    for (const fault of LOST_BEFORE) {
      const binding = aBinding(stage)
      await stage.fault('binding', fault)
      assert.equal((await bind(binding, TIMEOUT_MS)).kind, 'unresolved', fault)
      assert.deepEqual(await inquireBinding(binding.referenceNo, TIMEOUT_MS), { kind: 'not-found' }, fault)
    }
    for (const fault of LOST_AFTER) {
      const binding = aBinding(stage)
      await stage.fault('binding', fault)
      assert.equal((await bind(binding, TIMEOUT_MS)).kind, 'unresolved', fault)
      const known = await inquireBinding(binding.referenceNo, TIMEOUT_MS)
      assert.ok(known.kind === 'otp-sent' || known.kind === 'otp-wanted', fault)
      assert.deepEqual(await bind(binding, TIMEOUT_MS), known, 'a repetition')
    }
  })
}

function addCodes(slug: string): void {
  promise(slug, 'a wrong code counts once however often it is repeated', async (stage) => {
    const { verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    const wrong = await verify(referenceNo, 'otp', 1, WRONG_CODE)
    assert.ok(wrong.kind === 'otp-sent', wrong.kind)
    assert.deepEqual([wrong.networkCode, wrong.attemptsLeft], ['55', 4])
    assert.deepEqual(await verify(referenceNo, 'otp', 1, WRONG_CODE), wrong)
    const again = await verify(referenceNo, 'otp', 2, WRONG_CODE)
    assert.ok(again.kind === 'otp-sent' && again.attemptsLeft === 3)
  })

  promise(slug, 'five wrong codes block', async (stage) => {
    const { bind, verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    for (let attempt = 1; attempt < 5; attempt++) await verify(referenceNo, 'otp', attempt, WRONG_CODE)
    assert.equal((await verify(referenceNo, 'otp', 5, WRONG_CODE)).kind, 'blocked')
    assert.equal((await verify(referenceNo, 'otp', 6, RIGHT_CODE)).kind, 'blocked')
    assert.equal(outcome(await bind(aBinding(stage), TIMEOUT_MS)), 'otpBlocked', 'nor another binding')
    await stage.advance(24 * 3_600_000)
    await openBinding(stage, { expiresAt: Date.now() + 2 * 86_400_000 })
  })

  promise(slug, 'a code grows old, and a new one makes the one before worthless', async (stage) => {
    const { resendOtp, verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    const old = await stage.newestCode(referenceNo)
    assert.equal(outcome(await resendOtp(referenceNo, TIMEOUT_MS)), 'tooManyRequests', 'at once')
    await stage.advance(300_000)
    assert.equal((await verify(referenceNo, 'otp', 1, old)).kind, 'expired')
    assert.equal((await resendOtp(referenceNo, TIMEOUT_MS)).kind, 'otp-sent')
    const answer = await verify(referenceNo, 'otp', 2, old)
    assert.ok(answer.kind === 'otp-sent' && answer.networkCode === '55')
    const fresh = await verify(referenceNo, 'otp', 3, await stage.newestCode(referenceNo))
    assert.ok(fresh.kind === 'bound' || fresh.kind === 'pin-wanted')
  })

  promise(slug, 'silence about a code is no word, and a repetition brings the truth', async (stage) => {
    const { verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    const isPinNext = stage.profile.binding?.hasPin === true
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('verification', fault)
      assert.equal((await verify(referenceNo, 'otp', 1, RIGHT_CODE)).kind, 'unresolved', fault)
    }
    const answer = await verify(referenceNo, 'otp', 1, RIGHT_CODE)
    assert.equal(answer.kind, isPinNext ? 'pin-wanted' : 'bound')
    assert.deepEqual(await verify(referenceNo, 'otp', 1, RIGHT_CODE), answer)
  })

  for (const [caseCode, kind, networkCode] of [
    ['40312', 'expired', 'X40312'],
    ['40311', 'blocked', '75'],
    ['40415', 'otp-sent', '55'],
    ['40305', 'declined', '05'],
    ['20200', 'unresolved', '09'],
  ] as const)
    promise(slug, `a code that is answered ${caseCode} is ${kind}`, async (stage) => {
      const referenceNo = await openBinding(stage)
      await stage.control('verification', caseCode)
      const answer = await bindingsOf(stage).verify(referenceNo, 'otp', 1, RIGHT_CODE)
      assert.deepEqual([answer.kind, Reflect.get(answer, 'networkCode')], [kind, networkCode])
    })
}

function addPin(slug: string): void {
  promise(slug, 'a PIN is typed on our page, and never goes through the partner', async ({ profile }) => {
    assert.deepEqual(profile.binding?.flows, ['DH'])
  })

  promise(slug, 'a wrong PIN counts once, the fifth one blocks', async (stage) => {
    const { verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    await verify(referenceNo, 'otp', 1, RIGHT_CODE)
    const wrong = await verify(referenceNo, 'pin', 1, WRONG_CODE)
    assert.ok(wrong.kind === 'pin-wanted', wrong.kind)
    assert.deepEqual([wrong.networkCode, wrong.attemptsLeft], ['55', 4])
    assert.deepEqual(await verify(referenceNo, 'pin', 1, WRONG_CODE), wrong)
    for (let attempt = 2; attempt < 5; attempt++) await verify(referenceNo, 'pin', attempt, WRONG_CODE)
    assert.equal((await verify(referenceNo, 'pin', 5, WRONG_CODE)).kind, 'blocked')
    assert.equal((await verify(referenceNo, 'pin', 6, RIGHT_PIN)).kind, 'blocked')
  })

  promise(slug, 'a PIN is no code, and a code no PIN', async (stage) => {
    const { verify } = bindingsOf(stage)
    const referenceNo = await openBinding(stage)
    assert.equal((await verify(referenceNo, 'pin', 1, RIGHT_PIN)).kind, 'otp-sent')
    await verify(referenceNo, 'otp', 1, RIGHT_CODE)
    assert.equal((await verify(referenceNo, 'otp', 2, RIGHT_CODE)).kind, 'pin-wanted')
  })
}
