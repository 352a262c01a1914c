import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, newId } from '../merchant.ts'
import { assertRefundBooks, readRefunds } from '../refund-books.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree } from './books.ts'
import { freePort, type Spawned, spawnGateway } from './spawned.ts'

const PAYMENTS = 1_000
const REFUNDS_EACH = 20
const AT_ONCE = 40
let stage: Stage
let gateways: readonly Spawned[] = []
before(async () => {
  // The stage's own gateway pays; the refunds go to two processes of their own.
  stage = await openStage({
    env: { GERBANG_WORKERS: '1', GERBANG_NETWORK_TIMEOUT_MS: '20000', GERBANG_NETWORK_EXPIRY_MS: '25000' },
  })
  gateways = await Promise.all(
    [1, 2].map(async () =>
      spawnGateway({ ...stage.env, GERBANG_PORT: String(await freePort()), GERBANG_LOG_LEVEL: 'error' }),
    ),
  )
})
after(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  await stage.close()
})

/** Does the work for every item, so many at a time, in their order. */
async function each<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, n: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  let next = 0
  const worker = async () => {
    for (let n = next++; n < items.length; n = next++) results[n] = await work(items[n] as Item, n)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

test(`of ${REFUNDS_EACH} refunds of 60 % at once on each of ${PAYMENTS} payments, at two processes, exactly one each is accepted`, async () => {
  const { merchant } = stage
  await merchant.token()
  const paid = await each(Array.from({ length: PAYMENTS }), 32, () => aPaidOne(merchant))
  // The twenty of one payment come one after the other in the list, so that they are under way together.
  const asked = paid.flatMap((reference) =>
    Array.from({ length: REFUNDS_EACH }, () => aRefund(reference, '6000.00')),
  )
  const answers = await each(asked, AT_ONCE, (body, n) =>
    refund(merchant, body, { externalId: newId(), baseUrl: gateways[n % 2]?.url ?? '' }),
  )

  const counts: Record<string, number> = {}
  const accepted = new Map<string, Answer[]>()
  for (const [n, answer] of answers.entries()) {
    counts[answer.body.responseCode] = (counts[answer.body.responseCode] ?? 0) + 1
    const { originalPartnerReferenceNo } = asked[n] ?? aRefund('')
    if (answer.status < 300)
      accepted.set(originalPartnerReferenceNo, [...(accepted.get(originalPartnerReferenceNo) ?? []), answer])
  }
  assert.deepEqual(counts, { 2000700: PAYMENTS, 4040713: PAYMENTS * (REFUNDS_EACH - 1) })
  for (const reference of paid) assert.equal(accepted.get(reference)?.length, 1, reference)

  const theirs = await readRefunds(stage)
  const told = [...accepted.values()].flat()
  assert.deepEqual(
    theirs
      .filter(({ status }) => status === 'approved')
      .map(({ referenceNo }) => referenceNo)
      .sort(),
    told.map(({ body }) => body.refundNo as string).sort(),
    'the network has given back what merchants were told, and nothing else',
  )
  assert.equal(theirs.length, PAYMENTS, 'what was refused never reached the network')
  await assertRefundBooks(stage)
  await assertBooksAgree(stage)
})
