import assert from 'node:assert/strict'
import type { BindingProfile } from '../../src/channels/profile.ts'
import type { Secret } from '../../src/secret.ts'
import { LOST_AFTER, LOST_BEFORE, promise } from './contract.ts'
import {
  aCharge,
  aReference,
  bindingsOf,
  keep,
  outcome,
  present,
  RIGHT_CODE,
  type Stage,
  TIMEOUT_MS,
  WRONG_CODE,
} from './contract-stage.ts'

/** Letting go, with and without a word of the customer's. */
export function addUnbindingContract(slug: string, { isUnbindingConfirmed = false }: BindingProfile): void {
  addUnbinding(slug)
  if (isUnbindingConfirmed) addConfirmedUnbinding(slug)
  else addUnconfirmedUnbinding(slug)
}

function addUnbinding(slug: string): void {
  promise(slug, 'what is unbound is charged no more', async (stage) => {
    const { unbind, inquireUnbinding } = bindingsOf(stage)
    const networkToken = await keep(stage)
    const referenceNo = aReference()
    assert.deepEqual(await inquireUnbinding(referenceNo, TIMEOUT_MS), { kind: 'not-found' })
    const order = { referenceNo, merchantId: 'BRN-1', networkToken }
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('unbinding', fault)
      assert.equal((await unbind(order, TIMEOUT_MS)).kind, 'unresolved', fault)
    }
    const unbound = await unbind(order, TIMEOUT_MS)
    assert.equal(unbound.kind, 'unbound')
    assert.deepEqual(await inquireUnbinding(referenceNo, TIMEOUT_MS), unbound)
    const charge = aCharge({ kind: 'token', networkToken, oneTimeToken: undefined, isRecurring: false })
    assert.equal(outcome(await stage.channel.charge(charge, TIMEOUT_MS)), 'inactiveCard')
  })

  promise(slug, 'nobody else unbinds it, and a customer who is not let go is not', async (stage) => {
    const { unbind } = bindingsOf(stage)
    const networkToken = await keep(stage, { customerId: 'UNBINDFAIL1' })
    const foreign = { referenceNo: aReference(), merchantId: 'BRN-2', networkToken }
    assert.equal(outcome(await unbind(foreign, TIMEOUT_MS)), 'invalidCard')
    const order = { referenceNo: aReference(), merchantId: 'BRN-1', networkToken }
    assert.equal(outcome(await unbind(order, TIMEOUT_MS)), 'transactionNotPermitted')
  })
}

function addConfirmedUnbinding(slug: string): void {
  promise(slug, 'a customer who can be asked is asked, and the right code ends it', async (stage) => {
    const { unbind, inquireUnbinding } = bindingsOf(stage)
    const verify = unbindingVerifier(stage)
    const networkToken = await keep(stage)
    const order = { referenceNo: aReference(), merchantId: 'BRN-1', networkToken, canAskOtp: true }
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('unbinding', fault)
      assert.equal((await unbind(order, TIMEOUT_MS)).kind, 'unresolved', fault)
    }
    const sent = await unbind(order, TIMEOUT_MS)
    assert.ok(sent.kind === 'otp-sent' && sent.attemptsLeft === 5 && sent.otpExpiresAt > Date.now())
    assert.deepEqual(await inquireUnbinding(order.referenceNo, TIMEOUT_MS), sent)
    const wrong = await verify(order.referenceNo, 1, WRONG_CODE)
    assert.ok(wrong.kind === 'otp-sent' && wrong.networkCode === '55' && wrong.attemptsLeft === 4)
    assert.deepEqual(await verify(order.referenceNo, 1, WRONG_CODE), wrong, 'counted once')
    const code = await stage.newestCode(order.referenceNo)
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('verification', fault)
      assert.equal((await verify(order.referenceNo, 2, code)).kind, 'unresolved', fault)
    }
    assert.equal((await verify(order.referenceNo, 2, code)).kind, 'unbound')
    assert.equal((await inquireUnbinding(order.referenceNo, TIMEOUT_MS)).kind, 'unbound')
  })

  promise(slug, 'five wrong codes or a dead one end the wish and keep what is kept', async (stage) => {
    const { unbind } = bindingsOf(stage)
    const verify = unbindingVerifier(stage)
    const networkToken = await keep(stage)
    const late = { referenceNo: aReference(), merchantId: 'BRN-1', networkToken, canAskOtp: true }
    await unbind(late, TIMEOUT_MS)
    await stage.advance(300_000)
    assert.equal(outcome(await verify(late.referenceNo, 1, RIGHT_CODE)), 'otpLifetimeExpired')
    const tried = { ...late, referenceNo: aReference() }
    assert.equal((await unbind(tried, TIMEOUT_MS)).kind, 'otp-sent')
    for (let attempt = 1; attempt < 5; attempt++) await verify(tried.referenceNo, attempt, WRONG_CODE)
    assert.equal(outcome(await verify(tried.referenceNo, 5, WRONG_CODE)), 'otpBlocked')
    assert.equal(outcome(await verify(tried.referenceNo, 6, RIGHT_CODE)), 'otpBlocked')
    const unasked = { referenceNo: aReference(), merchantId: 'BRN-1', networkToken }
    assert.equal((await unbind(unasked, TIMEOUT_MS)).kind, 'unbound', 'it was kept until now')
  })
}

function unbindingVerifier(stage: Stage) {
  const verify = present(bindingsOf(stage).verifyUnbinding)
  return (referenceNo: string, attempt: number, code: Secret) =>
    verify({ referenceNo, step: 'otp', attempt, code }, TIMEOUT_MS)
}

function addUnconfirmedUnbinding(slug: string): void {
  promise(slug, 'no code ends it, also where a customer could be asked', async (stage) => {
    const { unbind, verifyUnbinding } = bindingsOf(stage)
    assert.equal(verifyUnbinding, undefined)
    const networkToken = await keep(stage)
    const order = { referenceNo: aReference(), merchantId: 'BRN-1', networkToken, canAskOtp: true }
    assert.equal((await unbind(order, TIMEOUT_MS)).kind, 'unbound')
  })
}
