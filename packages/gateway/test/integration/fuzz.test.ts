import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const strange = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    null,
    '12345678',
    '9360000200000200001',
    '10000.00',
    'IDR',
    'Y',
    'KKI_SNAP',
    '1'.repeat(70_000),
  ),
)
const member = fc.constantFrom(
  ...['partnerReferenceNo', 'chargeToken', 'otp', 'amount', 'amount.value', 'amount.currency'],
  ...['additionalInfo', 'additionalInfo.channel', 'bankCardToken', 'isBindAndPay', '__proto__', 'toString'],
)
const membersChanged = fc.array(fc.tuple(member, strange), { maxLength: 3 })
/** Where and how the finished text is damaged before it is signed. */
const damage = fc.option(
  fc.record({
    at: fc.nat(400),
    cut: fc.nat(3),
    put: fc.oneof(fc.constant(''), fc.string(), fc.constantFrom('"', '{', '\\u0000')),
  }),
  { freq: 2 },
)
const headerChanged = fc.option(
  fc.tuple(
    fc.constantFrom(
      'X-PARTNER-ID',
      'X-EXTERNAL-ID',
      'X-TIMESTAMP',
      'X-SIGNATURE',
      'Authorization',
      'Content-Type',
      'X-DEVICE-ID',
    ),
    fc.string({ unit: fc.constantFrom(...'aZ09 .:-_/=+"\\<>é') }),
  ),
  { freq: 3 },
)

function change(body: Record<string, unknown>, path: string, value: unknown): void {
  const [outer = '', inner] = path.split('.')
  if (inner === undefined)
    Object.defineProperty(body, outer, { value, enumerable: true, configurable: true, writable: true })
  else if (typeof body[outer] === 'object' && body[outer] !== null)
    body[outer] = { ...body[outer], [inner]: value }
}

async function bookedUnder(externalId: string, answer: Answer): Promise<number> {
  const rows = await stage.query(
    "select 1 from payments where external_id = $1 and state = 'paid' and reference_no = $2",
    [externalId, String(answer.body.referenceNo)],
  )
  return rows.length
}

test('a request that was changed at random never breaks the gateway, and 200 means booked', async () => {
  let accepted = 0
  const attempt = async (
    members: readonly [string, unknown][],
    harm: { at: number; cut: number; put: string } | null,
    header: [string, string] | null,
  ) => {
    const body: Record<string, unknown> = aPayment()
    for (const [path, value] of members) change(body, path, value)
    const text = JSON.stringify(body)
    const sent = harm === null ? text : text.slice(0, harm.at) + harm.put + text.slice(harm.at + harm.cut)
    const externalId = newId()
    const headers = header === null ? {} : { [header[0]]: header[1] }
    const answer = await stage.merchant.call(PAYMENT_PATH, sent, { externalId, headers })

    assert.ok(answer.status < 500, answer.text)
    assert.equal(answer.body.responseCode.slice(0, 3), String(answer.status))
    if (answer.status >= 300) assert.deepEqual(Object.keys(answer.body), ['responseCode', 'responseMessage'])
    if (answer.status !== 200) return
    accepted++
    const id = header?.[0] === 'X-EXTERNAL-ID' ? header[1].trim() || externalId : externalId
    assert.equal(await bookedUnder(id, answer), 1)
  }
  await fc.assert(fc.asyncProperty(membersChanged, damage, headerChanged, attempt), { numRuns: 200 })
  const [paid] = await stage.query<{ count: number }>(
    "select count(*)::int as count from payments where state = 'paid'",
  )
  assert.equal(paid?.count, accepted, 'nothing was paid that was not answered with 200')
  assert.equal((await stage.merchant.pay()).status, 200)
})
