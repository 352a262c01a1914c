import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StillPendingError } from '../src/index.ts'
import { answer, clientOf, ORDER, openStandIn } from './gateway-stand-in.ts'

const known = (latestTransactionStatus: string) => answer('2005500', { latestTransactionStatus })

test('waiting ends with the first final status, however the payment ends', async (t) => {
  const gateway = await openStandIn(t)
  const ends = { '00': 'paid', '04': 'refunded', '05': 'cancelled', '06': 'failed' }
  for (const [digits, status] of Object.entries(ends)) {
    gateway.answers = [known('03'), known('07'), known('02'), known('99'), known(digits)]
    const final = await clientOf(gateway).waitForFinal({ originalReferenceNo: 'REF-1' })
    assert.deepEqual([final.status, final.isFinal], [status, true])
  }
  assert.equal(gateway.seen.length, 20)
})

test('a payment is asked for by the numbers that it has', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway)
  const asked = async (more: object) => {
    gateway.answers = [answer('2025400', more), known('00')]
    const payment = await client.pay(ORDER)
    await client.waitForFinal(payment)
    const { serviceCode: _, ...numbers } = JSON.parse(gateway.seen.at(-1)?.raw ?? '')
    return { numbers, externalId: payment.externalId }
  }
  const named = await asked({ referenceNo: 'REF-7' })
  assert.deepEqual(named.numbers, { originalReferenceNo: 'REF-7' })
  const unnamed = await asked({})
  const { externalId } = unnamed
  assert.deepEqual(unnamed.numbers, { originalPartnerReferenceNo: 'INV-1', originalExternalId: externalId })
})

test('the pauses begin short and grow to five seconds', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [...Array.from({ length: 7 }, () => known('03')), known('00')]
  const pauses: number[] = []
  const client = clientOf(gateway, { pause: async (ms) => void pauses.push(ms) })
  await client.waitForFinal({ originalReferenceNo: 'REF-1' })
  assert.deepEqual(pauses.map(Math.round), [1000, 1500, 2250, 3375, 5000, 5000, 5000, 5000])
})

test('a question that fails in passing is asked again, one that is wrong is not', async (t) => {
  const gateway = await openStandIn(t)
  const client = clientOf(gateway, { retries: 0 })
  gateway.answers = ['break', answer('4045501'), answer('4295500'), answer('5005500'), known('00')]
  assert.equal((await client.waitForFinal({ originalReferenceNo: 'REF-1' })).status, 'paid')
  gateway.answers = [answer('4005502'), known('00')]
  await assert.rejects(client.waitForFinal({ originalReferenceNo: 'REF-1' }), { name: 'InvalidFieldError' })
})

test('when the time is over the payment is still open, and the error says so', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [known('03')]
  const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 5))
  const client = clientOf(gateway, { pause })
  const error = await client
    .waitForFinal({ originalReferenceNo: 'REF-1' }, { timeoutMs: 80, everyMs: 1 })
    .catch((caught: unknown) => caught)
  assert.ok(error instanceof StillPendingError)
  assert.deepEqual([error.money, error.retryable, error.cause], ['unknown', true, undefined])
  assert.match(error.customerMessage('id'), /Jangan bayar lagi/)

  gateway.answers = [answer('4045501')]
  await assert.rejects(
    clientOf(gateway, { pause }).waitForFinal(
      { originalReferenceNo: 'REF-1' },
      { timeoutMs: 80, everyMs: 1 },
    ),
    (late: Error) => late instanceof StillPendingError && (late.cause as Error).name === 'NotFoundError',
  )
})

test('an abort ends the waiting at once, in a pause and in a question', async (t) => {
  const gateway = await openStandIn(t)
  gateway.answers = [known('03')]
  const client = clientOf(gateway)
  const reason = new Error('the shop closes')
  const aborted = AbortSignal.abort(reason)
  await assert.rejects(client.waitForFinal({ originalReferenceNo: 'R' }, { signal: aborted }), reason)
  assert.equal(gateway.seen.length, 0)

  const inPause = new AbortController()
  const never: Promise<void> = new Promise(() => {})
  const sleeping = clientOf(gateway, { pause: () => never })
  setTimeout(() => inPause.abort(reason), 10)
  await assert.rejects(
    sleeping.waitForFinal({ originalReferenceNo: 'R' }, { signal: inPause.signal }),
    reason,
  )

  const inQuestion = new AbortController()
  const silent: typeof fetch = (url, init) =>
    String(url).includes('access-token') ? fetch(url, init) : new Promise(() => {})
  setTimeout(() => inQuestion.abort(reason), 30)
  const waiting = clientOf(gateway, { fetch: silent }).waitForFinal(
    { originalReferenceNo: 'R' },
    { signal: inQuestion.signal },
  )
  await assert.rejects(waiting, reason)
})
