import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import { type Database, openDatabase } from '../../src/database/pool.ts'
import { newReferenceNo } from '../../src/payment/order.ts'
import { claimRefund, settleRefund } from '../../src/refund/books.ts'
import type { OpenRefund } from '../../src/refund/open-refund.ts'
import type { Verdict } from '../../src/refund/verdict.ts'
import { openLedgerNetwork } from '../ledger-network.ts'
import { newId } from '../merchant.ts'
import { assertRefundBooks } from '../refund-books.ts'
import { openStage, type Stage } from '../stage.ts'
import { anOpenRefund } from './refund-processes.ts'

const AT_ONCE = 24
let stage: Stage
/** As many connections as claims, so that all are in the database together. */
let database: Database
before(async () => {
  const env = { GERBANG_RECONCILE_EVERY_MS: '3600000' }
  stage = await openStage({ env, seams: { channels: [openLedgerNetwork().channel] } })
  database = openDatabase({ url: stage.databaseUrl, connections: AT_ONCE, timeoutMs: 10_000 })
})
after(async () => {
  await database.close()
  await stage.close()
})

const again = (one: OpenRefund): OpenRefund => ({
  ...one,
  externalId: newId(),
  refundNo: newReferenceNo(one.createdAt),
  partnerRefundNo: `REF-${newId()}`,
})

/** What each claim came to: its kind, the refusal, or the code of a fault of the database. */
async function claimAll(refunds: readonly OpenRefund[]): Promise<Record<string, number>> {
  const words = await Promise.all(
    refunds.map((refund) =>
      claimRefund(
        database,
        { refund, fingerprint: Buffer.alloc(32, refund.refundNo) },
        Date.now() + 60_000,
      ).then(
        ({ kind }) => kind,
        (error) => (error instanceof SnapError ? error.outcome : `fault ${error.code}`),
      ),
    ),
  )
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}

test('of claims for 60 % that meet in the database one takes the amount, and the others are told that there is no room', async () => {
  for (let round = 0; round < 10; round++) {
    const one = await anOpenRefund(stage, Date.now())
    const claims = Array.from({ length: AT_ONCE }, () => again(one))
    assert.deepEqual(await claimAll(claims), { new: 1, invalidAmount: AT_ONCE - 1 })
  }
})

test('claims that share external ids, numbers and payments crosswise neither deadlock nor take too much', async () => {
  for (let round = 0; round < 10; round++) {
    const [a, b] = [await anOpenRefund(stage, Date.now()), await anOpenRefund(stage, Date.now())]
    const externalIds = [newId(), newId(), newId()]
    const numbers = [newId(), newId()]
    const claims = Array.from({ length: AT_ONCE }, (_, n) => ({
      ...again(n % 2 === 0 ? a : b),
      externalId: externalIds[n % 3] ?? '',
      partnerRefundNo: numbers[Math.floor(n / 6) % 2] ?? '',
    }))
    const counts = await claimAll(claims)
    assert.deepEqual(
      Object.keys(counts).filter((word) => word.startsWith('fault')),
      [],
      JSON.stringify(counts),
    )
    assert.ok((counts['new'] ?? 0) >= 1 && (counts['new'] ?? 0) <= 2, JSON.stringify(counts))
  }
})

test('of settlements that meet one is booked, and everybody is told that one', async () => {
  const verdicts: readonly Verdict[] = [
    { state: 'refunded', outcome: 'successful', networkReferenceNo: 'N1', networkCode: '00' },
    { state: 'failed', outcome: 'doNotHonor', networkCode: '05' },
    { state: 'unresolved', outcome: 'requestInProgress' },
  ]
  for (let round = 0; round < 10; round++) {
    const refund = await anOpenRefund(stage, Date.now())
    assert.deepEqual(await claimAll([refund]), { new: 1 })
    const now = Date.now()
    const told = await Promise.all(
      Array.from({ length: AT_ONCE }, (_, n) => {
        const verdict = verdicts[n % verdicts.length] as Verdict
        return settleRefund(database, { refund, verdict, now, dueAt: now + 60_000 })
      }),
    )
    const finals = new Set(told.map(({ state }) => state).filter((state) => state !== 'unresolved'))
    assert.equal(finals.size, 1, [...finals].join())
    const [row] = await stage.query<{ state: string }>(
      'select state::text from refunds where refund_no = $1',
      [refund.refundNo],
    )
    assert.ok(finals.has(row?.state as 'refunded'))
  }
  await assertRefundBooks(stage)
})

test('the table refuses more than was paid, whatever a program believes', async () => {
  const refund = await anOpenRefund(stage, Date.now())
  await claimAll([refund])
  for (const wrong of [
    'reserved_minor = paid_minor + 1',
    'refunded_minor = reserved_minor + 1',
    'reserved_minor = -1',
  ])
    await assert.rejects(
      stage.query(`update refund_balances set ${wrong} where reference_no = $1`, [
        refund.originalReferenceNo,
      ]),
      /refund_balances_within_paid/,
    )
  await assert.rejects(
    stage.query(`update refunds set state = 'refunded' where refund_no = $1`, [refund.refundNo]),
    /refunds_is_sound/,
  )
})
