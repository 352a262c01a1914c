import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({
    env: { GERBANG_NETWORK_TIMEOUT_MS: '600', GERBANG_LONGEST_PAUSE_MS: '200' },
  })
})
after(() => stage.close())

interface Story {
  readonly otp: string
  readonly title: string
  readonly meanwhile: { readonly status: string; readonly word: string }
  readonly end: { readonly status: string; readonly code: string; readonly state: string }
}

const WAITING = { status: '02', word: 'Paying' }
const SILENT = { status: '03', word: 'Pending' }

const STORIES: readonly Story[] = [
  {
    otp: '10000002',
    title: 'a cardholder who confirms after two seconds has paid',
    meanwhile: WAITING,
    end: { status: '00', code: '2005400', state: 'paid' },
  },
  {
    otp: '20000001',
    title: 'a cardholder who refuses has not paid',
    meanwhile: WAITING,
    end: { status: '06', code: '4045404', state: 'declined' },
  },
  {
    otp: '30000001',
    title: 'a cardholder who never answers has not paid',
    meanwhile: WAITING,
    end: { status: '06', code: '4035400', state: 'declined' },
  },
  {
    otp: '40000001',
    title: 'a silent network that booked is believed when it is asked again',
    meanwhile: SILENT,
    end: { status: '00', code: '2005400', state: 'paid' },
  },
  {
    otp: '50000001',
    title: 'a silent network that reversed is believed as well',
    meanwhile: SILENT,
    end: { status: '05', code: '5045400', state: 'reversed' },
  },
]

const IN_PROGRESS = { responseCode: '2025400', responseMessage: 'Request In Progress' }

for (const { otp, title, meanwhile, end } of STORIES)
  test(`${title} (one-time token ${otp})`, async () => {
    const { merchant } = stage
    const body = aPayment({ otp })
    const externalId = newId()
    const { partnerReferenceNo } = body
    const first = await merchant.call(PAYMENT_PATH, body, { externalId })
    assert.equal(first.status, 202)
    const { referenceNo, ...words } = first.body
    assert.deepEqual(words, { ...IN_PROGRESS, partnerReferenceNo })

    const soon = await merchant.status({ originalPartnerReferenceNo: partnerReferenceNo })
    assert.equal(soon.body.latestTransactionStatus, meanwhile.status)
    assert.equal(soon.body.transactionStatusDesc, meanwhile.word)
    assert.equal(soon.body.originalResponseCode, '2025400')
    assert.equal(soon.body.paidTime, undefined)

    const late = await merchant.waitFor(partnerReferenceNo, end.status)
    assert.equal(late.body.latestTransactionStatus, end.status)
    assert.equal(late.body.originalResponseCode, end.code)
    assert.equal(late.body.originalReferenceNo, referenceNo)

    const repeated = await merchant.call(PAYMENT_PATH, body, { externalId })
    assert.equal(repeated.status, 409)
    assert.equal(repeated.body.responseCode, end.code, 'the stored reply is the final one')
    const [row] = await stage.query<{ state: string }>('select state from payments where reference_no = $1', [
      referenceNo,
    ])
    assert.equal(row?.state, end.state)
  })

test('an event leaves for the wait and one for the end, numbered without a gap', async () => {
  const rows = await stage.query<{ types: string; numbers: string }>(
    `select string_agg(type, ' ' order by sequence) types, string_agg(sequence::text, ' ' order by sequence) numbers
       from outbox group by reference_no`,
  )
  assert.equal(rows.length, STORIES.length)
  for (const row of rows)
    assert.deepEqual(row, { types: 'payment.pending.v1 payment.settled.v1', numbers: '1 2' })
})

test('a request that is repeated while the network is silent is a conflict, and is booked once', async () => {
  const body = aPayment({ otp: '40000001' })
  const externalId = newId()
  const pay = (): Promise<Answer> => stage.merchant.call(PAYMENT_PATH, body, { externalId })
  const first = pay()
  let second = await pay()
  // Whichever came first holds the claim; the other is told of the conflict at once.
  const answers = [await first, second].map(
    ({ status, body: { responseCode } }) => `${status} ${responseCode}`,
  )
  assert.deepEqual(answers.sort(), ['202 2025400', '409 4095400'])
  second = await pay()
  assert.deepEqual([second.status, second.body.responseCode], [409, '2025400'])
})

test('a cardholder is waited for long after the charge has expired for silence', async () => {
  const { body } = await stage.merchant.pay({ otp: '10000000' })
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const answer = await stage.merchant.status({ originalReferenceNo: body.referenceNo })
  assert.equal(answer.body.latestTransactionStatus, '02')
  const reply = await fetch(`${stage.simulator.url}/_sim/charges/${body.referenceNo}/approve`, {
    method: 'POST',
  })
  assert.equal(reply.status, 200)
  const paid = await stage.merchant.waitFor(body.partnerReferenceNo, '00')
  assert.equal(paid.body.latestTransactionStatus, '00')
})

test('a cardholder who confirms too late has not paid, although the network would have waited longer', async () => {
  const { merchant } = stage
  const { url } = await stage.openAnother({}, { GERBANG_CONFIRM_SECONDS: '1' })
  const body = aPayment({ otp: '10000030' })
  const waiting = await merchant.call(PAYMENT_PATH, body, { baseUrl: url })
  assert.equal(waiting.status, 202)
  const settled = await merchant.waitFor(body.partnerReferenceNo, '06')
  assert.equal(settled.body.originalResponseCode, '4035400')
  assert.equal(settled.body.originalResponseMessage, 'Transaction Expired')
})
