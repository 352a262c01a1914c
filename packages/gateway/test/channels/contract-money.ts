import assert from 'node:assert/strict'
import type { ChannelFolder } from '../../src/channels/channel-folder.ts'
import { LOST_AFTER, LOST_BEFORE, promise } from './contract.ts'
import {
  aCharge,
  aReference,
  aRefund,
  confirm,
  keep,
  outcome,
  pay,
  present,
  type Stage,
  saleSource,
  TIMEOUT_MS,
} from './contract-stage.ts'

/** Giving back, calling off and telling balances. */
export function addMoneyContract({ slug, profile }: ChannelFolder): void {
  const { refund, isCancellable, hasBalance, payment } = profile
  if (refund) addRefunds(slug)
  else promise(slug, 'nothing is given back', async ({ channel }) => assert.equal(channel.refunds, undefined))
  if (isCancellable || payment.shape !== 'kki') addCancellations(slug, isCancellable)
  if (payment.methods) addMethods(slug, payment.methods)
  if (hasBalance) addBalances(slug)
  else promise(slug, 'no balance is told', async ({ channel }) => assert.equal(channel.balances, undefined))
}

function addRefunds(slug: string): void {
  promise(slug, 'a charge is given back in parts, once each, and never more than it', async (stage) => {
    const { refund, inquireRefund } = present(stage.channel.refunds)
    const charge = await pay(stage)
    const part = aRefund(charge.referenceNo, 400_000n)
    assert.deepEqual(await inquireRefund(part, TIMEOUT_MS), { kind: 'not-found' })
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER, 'duplicate']) {
      await stage.fault('refund', fault)
      const { kind } = await refund(part, TIMEOUT_MS)
      assert.equal(kind, fault === 'duplicate' ? 'refunded' : 'unresolved', fault)
    }
    const refunded = await refund(part, TIMEOUT_MS)
    assert.equal(refunded.kind, 'refunded')
    assert.deepEqual(await inquireRefund(part, TIMEOUT_MS), refunded)
    const tooMuch = await refund(aRefund(charge.referenceNo, 600_001n), TIMEOUT_MS)
    assert.equal(outcome(tooMuch), 'invalidAmount')
    assert.equal((await refund(aRefund(charge.referenceNo, 100_000n), TIMEOUT_MS)).kind, 'refunded')
    assert.equal((await refund(aRefund(charge.referenceNo, 500_000n), TIMEOUT_MS)).kind, 'refunded')
    const nothingLeft = await refund(aRefund(charge.referenceNo, 100n), TIMEOUT_MS)
    assert.equal(outcome(nothingLeft), 'invalidAmount')
  })

  promise(slug, 'a charge is given back whole, an unpaid or unknown one not', async (stage) => {
    const { refund } = present(stage.channel.refunds)
    const charge = await pay(stage)
    assert.equal((await refund(aRefund(charge.referenceNo, charge.amountMinor), TIMEOUT_MS)).kind, 'refunded')
    const waiting = aCharge(await saleSource(stage))
    await stage.channel.charge(waiting, TIMEOUT_MS)
    const early = await refund(aRefund(waiting.referenceNo, 100n), TIMEOUT_MS)
    assert.equal(outcome(early), 'invalidTransactionStatus')
    assert.equal(outcome(await refund(aRefund(aReference(), 100n), TIMEOUT_MS)), 'transactionNotFound')
  })

  promise(slug, 'a refund that is not done yet is no word', async (stage) => {
    const { refund, inquireRefund } = present(stage.channel.refunds)
    const charge = await pay(stage)
    const order = aRefund(charge.referenceNo, 400_000n)
    await stage.control('refund', '20200')
    assert.equal((await refund(order, TIMEOUT_MS)).kind, 'unresolved')
    await stage.advance(5_000)
    assert.equal((await inquireRefund(order, TIMEOUT_MS)).kind, 'refunded')
  })
}

function addCancellations(slug: string, isCancellable: boolean): void {
  promise(slug, 'a charge is called off before its customer has confirmed', async (stage) => {
    const { cancel } = present(stage.channel.cancellations)
    const charge = aCharge(await saleSource(stage))
    const first = await stage.channel.charge(charge, TIMEOUT_MS)
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('cancellation', fault)
      assert.equal((await cancel(charge, TIMEOUT_MS)).kind, 'unresolved', fault)
    }
    const reversed = await cancel(charge, TIMEOUT_MS)
    assert.equal(reversed.kind, 'reversed')
    assert.deepEqual(await cancel(charge, TIMEOUT_MS), reversed)
    assert.deepEqual(await stage.channel.inquire(charge, TIMEOUT_MS), reversed)
    if (first.kind === 'waiting' && first.step === 'otp') {
      assert.equal((await confirm(stage, charge, reversed)).kind, 'reversed')
    }
  })

  promise(slug, 'calling off what is unknown is no word', async (stage) => {
    const { cancel } = present(stage.channel.cancellations)
    const names = { referenceNo: aReference(), amountMinor: 1n }
    assert.equal((await cancel(names, TIMEOUT_MS)).kind, 'unresolved')
  })

  const when = isCancellable ? 'is called off on its day and no later' : 'stays paid'
  promise(slug, `a paid charge ${when}`, async (stage) => {
    const { cancel } = present(stage.channel.cancellations)
    const today = await pay(stage)
    assert.equal((await cancel(today, TIMEOUT_MS)).kind, isCancellable ? 'reversed' : 'paid')
    const yesterdays = await pay(stage)
    await stage.advance(24 * 3_600_000)
    assert.equal((await cancel(yesterdays, TIMEOUT_MS)).kind, 'paid')
  })
}

function addMethods(slug: string, methods: readonly string[]): void {
  const opened = async (stage: Stage) => {
    const { inquireBalance } = present(stage.channel.balances)
    const source = await saleSource(stage)
    if (source.kind !== 'token') throw new Error('money is chosen from what is kept')
    const account = { merchantId: 'BRN-1', networkToken: source.networkToken }
    return {
      source,
      async held(): Promise<Record<string, bigint>> {
        const answer = await inquireBalance(account, TIMEOUT_MS)
        assert.ok(answer.kind === 'balance', answer.kind)
        return Object.fromEntries(
          answer.balances.map(({ balanceType, amountMinor }) => [balanceType, amountMinor]),
        )
      },
    }
  }

  promise(slug, 'each method pays from its own balance, and is given back there', async (stage) => {
    const { source, held } = await opened(stage)
    for (const method of methods) {
      const before = await held()
      const paid = (amountMinor: bigint) => ({ ...before, [method]: (before[method] ?? 0n) - amountMinor })
      const charge = aCharge({ ...source, paidWith: [{ method, amountMinor: 1_000_000n }] })
      const answer = await confirm(stage, charge, await stage.channel.charge(charge, TIMEOUT_MS))
      assert.equal(answer.kind, 'paid', method)
      assert.deepEqual(await held(), paid(1_000_000n))
      await stage.channel.refunds?.refund(aRefund(charge.referenceNo, 400_000n), TIMEOUT_MS)
      assert.deepEqual(await held(), paid(600_000n))
      await stage.channel.refunds?.refund(aRefund(charge.referenceNo, 600_000n), TIMEOUT_MS)
      assert.deepEqual(await held(), before)
    }
  })

  promise(
    slug,
    'methods share a charge as they are told to, and are given back in their order',
    async (stage) => {
      const { source, held } = await opened(stage)
      const before = await held()
      const [first = '', second = ''] = [...methods].reverse()
      const less = (one: bigint, other: bigint) => ({
        ...before,
        [first]: (before[first] ?? 0n) - one,
        [second]: (before[second] ?? 0n) - other,
      })
      const paidWith = [
        { method: first, amountMinor: 300_000n },
        { method: second, amountMinor: 700_000n },
      ]
      const charge = aCharge({ ...source, paidWith })
      await confirm(stage, charge, await stage.channel.charge(charge, TIMEOUT_MS))
      assert.deepEqual(await held(), less(300_000n, 700_000n))
      await stage.channel.refunds?.refund(aRefund(charge.referenceNo, 500_000n), TIMEOUT_MS)
      assert.deepEqual(await held(), less(0n, 500_000n))
    },
  )

  promise(slug, 'a method that is unknown, too poor or not the whole pays nothing at all', async (stage) => {
    const { source, held } = await opened(stage)
    const before = await held()
    const [method = ''] = [...methods].reverse()
    const tooMuch = (before[method] ?? 0n) + 100n
    for (const [paidWith, amountMinor, refused] of [
      [[{ method: 'NOBODYS', amountMinor: 1_000_000n }], 1_000_000n, 'requestedFunctionIsNotSupported'],
      [[{ method, amountMinor: 100n }], 1_000_000n, 'invalidAmount'],
      [[{ method, amountMinor: tooMuch }], tooMuch, 'insufficientFunds'],
    ] as const) {
      const charge = aCharge({ ...source, paidWith }, { amountMinor })
      assert.equal(outcome(await stage.channel.charge(charge, TIMEOUT_MS)), refused)
    }
    assert.deepEqual(await held(), before)
  })
}

function addBalances(slug: string): void {
  promise(slug, 'the balance falls by what is charged and rises by what is given back', async (stage) => {
    const { inquireBalance } = present(stage.channel.balances)
    const source = await saleSource(stage)
    if (source.kind !== 'token') throw new Error('a balance is that of what is kept')
    const account = { merchantId: 'BRN-1', networkToken: source.networkToken }
    const total = async () => {
      const answer = await inquireBalance(account, TIMEOUT_MS)
      assert.ok(answer.kind === 'balance', answer.kind)
      return answer.balances.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
    }
    const before = await total()
    const charge = aCharge(source)
    await confirm(stage, charge, await stage.channel.charge(charge, TIMEOUT_MS))
    assert.equal(await total(), before - charge.amountMinor)
    await stage.channel.refunds?.refund(aRefund(charge.referenceNo, 400_000n), TIMEOUT_MS)
    assert.equal(await total(), before - charge.amountMinor + 400_000n)
  })

  promise(slug, 'silence about a balance is no word, a refusal is one', async (stage) => {
    const { inquireBalance } = present(stage.channel.balances)
    const account = { merchantId: 'BRN-1', networkToken: await keep(stage) }
    for (const fault of [...LOST_BEFORE, ...LOST_AFTER]) {
      await stage.fault('balance', fault)
      assert.equal((await inquireBalance(account, TIMEOUT_MS)).kind, 'unresolved', fault)
    }
    const foreign = { ...account, merchantId: 'BRN-2' }
    assert.equal(outcome(await inquireBalance(foreign, TIMEOUT_MS)), 'invalidCard')
    await stage.control('balance', '40318')
    assert.equal(outcome(await inquireBalance(account, TIMEOUT_MS)), 'inactiveCard')
  })
}
