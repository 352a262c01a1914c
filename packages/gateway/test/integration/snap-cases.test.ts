import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MAGIC } from '@gerbang/simulator'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

const STATE: Readonly<Record<string, string>> = { 20000: 'paid', 20200: 'waiting' }

test('there are 63 cases', () => {
  assert.equal(MAGIC.length, 63)
})

for (const { case: caseCode, ott } of MAGIC) {
  const responseCode = `${caseCode.slice(0, 3)}54${caseCode.slice(3)}`

  test(`case ${caseCode} of the network reaches the partner as ${responseCode} and is booked as it is`, async () => {
    const events = 'select count(*)::int as count from outbox'
    const [earlier] = await stage.query<{ count: number }>(events)
    const { status, body, text } = await stage.merchant.pay({ otp: ott })
    assert.equal(status, Number(caseCode.slice(0, 3)))
    assert.equal(body.responseCode, responseCode)
    const members = ['responseCode', 'responseMessage']
    if (status < 300) members.push('referenceNo', 'partnerReferenceNo')
    assert.deepEqual(Object.keys(body), members)
    assert.doesNotMatch(body.responseMessage, /[{}[\]]|undefined|^$/, 'no placeholder is left in the message')

    const [row] = await stage.query<{ state: string; reply: string }>(
      `select p.state, r.reply from payments p join request_ids r using (partner_id, reference_no)
        order by p.created_at desc, p.reference_no desc limit 1`,
    )
    assert.deepEqual(row, { state: STATE[caseCode] ?? 'declined', reply: text })
    const [later] = await stage.query<{ count: number }>(events)
    assert.equal(later?.count, (earlier?.count ?? 0) + 1)
  })
}

test('only 2005400 says that money moved, and the network’s book agrees', async () => {
  const rows = await stage.query<{ state: string; outcome: string }>('select state, outcome from payments')
  assert.equal(rows.length, 63)
  assert.deepEqual(
    rows.filter(({ state }) => state === 'paid'),
    [{ state: 'paid', outcome: 'successful' }],
  )
})
