import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ACCOUNT_CHANNELS, ALLO, CIMB, keptAccount, OVO, unbindAccount } from '../account-customer.ts'
import { codeOf, eventsOf, rowOf, untilStands, VERIFY_PATH } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { control } from '../fault/books.ts'
import { SetClock } from '../fault/process-alike.ts'
import { type Answer, type CallChanges, type Merchant, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const RIGHT = '111000'
const WRONG = '222003'
const H2H = { 'X-CHANNEL-ID': 'H2H' }

const clock = new SetClock()
let stage: Stage
before(async () => {
  stage = await openStage({
    seams: { clock },
    simulator: { clock: clock.now },
    env: {
      ...ACCOUNT_CHANNELS,
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
      GERBANG_CUSTOMER_TOKEN_SECONDS: '7200',
      GERBANG_UNBINDING_EVERY_MS: '20',
      GERBANG_UNBINDING_FIRST_PAUSE_MS: '50',
    },
  })
})
after(() => stage.close())

async function kept(wish: Parameters<typeof keptAccount>[1] = {}, merchant = stage.merchant) {
  const account = await keptAccount(stage, wish, merchant)
  const { body } = await redeem(merchant, account.authCode)
  return { ...account, accessToken: body.accessToken as string }
}

type Kept = Awaited<ReturnType<typeof kept>>

async function asked(account: Kept, merchant = stage.merchant): Promise<string> {
  const { status, body } = await unbindAccount(merchant, account.accessToken, { headers: H2H })
  assert.deepEqual([status, body.responseCode], [202, '2020500'])
  return body.referenceNo
}

function give(
  account: Kept,
  otp: string,
  {
    merchant = stage.merchant,
    info = {},
    ...more
  }: CallChanges & { merchant?: Merchant; info?: object } & object = {},
  members: object = {},
): Promise<Answer> {
  const additionalInfo = { channel: CIMB, bankCardToken: account.accessToken, ...info }
  return merchant.call(VERIFY_PATH, { otp, action: 'otpUnbinding', ...members, additionalInfo }, more)
}

const codesOf = async (answer: Promise<Answer>) => {
  const { status, body } = await answer
  return [status, body.responseCode]
}
const stateOf = async ({ referenceNo }: Kept) => (await rowOf(stage, referenceNo)).state

test('host to host the customer gives a code, and until it is right the account is as before', async () => {
  const account = await kept()
  const referenceNo = await asked(account)
  assert.equal(await stateOf(account), 'active')
  assert.equal((await redeem(stage.merchant, account.authCode)).status, 200)
  const code = await codeOf(stage, referenceNo)
  const headers = { 'Authorization-Customer': account.accessToken }
  const { status, body } = await give(account, code, { headers })
  assert.deepEqual(
    [status, body],
    [200, { responseCode: '2000400', responseMessage: 'Successful', originalReferenceNo: referenceNo }],
  )
  assert.equal(await stateOf(account), 'inactive')
  assert.equal((await redeem(stage.merchant, account.authCode)).body.responseCode, '4017400')
  const events = await eventsOf(stage, referenceNo)
  assert.deepEqual(
    events.map(({ type, body: { bindings } }) => [type, bindings]),
    [
      ['account.unbinding.requested.v1', [account.referenceNo]],
      ['account.unbinding.completed.v1', [account.referenceNo]],
    ],
  )
  assert.deepEqual(await codesOf(give(account, RIGHT)), [400, '4000403'])
})

test('every name of the action and of the account will do, and the numbers of the unbinding besides', async () => {
  const names = ['otpUnlinkage', 'unlinkage', 'OTPUNBINDING', 'otpUnbind', 'unbinding']
  for (const [place, action] of names.entries()) {
    const account = await kept()
    const originalReferenceNo = await asked(account)
    const bankCardToken = place % 2 === 0 ? account.bankCardToken : `Bearer ${account.accessToken}`
    const member = place === 1 ? { type: action, action: undefined } : { action }
    const answer = give(account, RIGHT, { info: { bankCardToken } }, { ...member, originalReferenceNo })
    assert.deepEqual(await codesOf(answer), [200, '2000400'], action)
  }
  const late = await kept()
  await asked(late)
  clock.jump(200_000)
  assert.deepEqual(await codesOf(give(late, RIGHT)), [200, '2000400'])
})

test('a wrong code leaves the rest of five, and after the fifth the account stays', async () => {
  const account = await kept()
  const referenceNo = await asked(account)
  for (const otp of ['000001', '000002', '000003', '000004'])
    assert.deepEqual(await codesOf(give(account, otp)), [404, '4040415'], otp)
  assert.deepEqual(await codesOf(give(account, '000005')), [403, '4030411'])
  assert.deepEqual(await codesOf(give(account, RIGHT)), [403, '4030411'])
  assert.equal(await stateOf(account), 'active')
  const [, ended] = await eventsOf(stage, referenceNo)
  assert.deepEqual([ended?.type, ended?.body.reason], ['account.unbinding.failed.v1', 'blocked'])
})

test('a code that is known to be wrong is not asked about again', async () => {
  const account = await kept()
  const referenceNo = await asked(account)
  assert.deepEqual(await codesOf(give(account, '000001')), [404, '4040415'])
  await control(stage, 'next', { case: '20000', match: { operation: 'verification', referenceNo } })
  assert.deepEqual(await codesOf(give(account, '000001')), [404, '4040415'])
  assert.deepEqual(
    await codesOf(give(account, '000002')),
    [200, '2000400'],
    'the bank says so to the next one',
  )
})

test('a code dies, nobody asks for it any more, and another unbinding may begin', async () => {
  const account = await kept()
  const first = await asked(account)
  clock.jump(300_000)
  assert.deepEqual(await codesOf(give(account, RIGHT)), [403, '4030412'])
  clock.jump(60_000)
  for (const until = Date.now() + 10_000; Date.now() < until; ) {
    if ((await eventsOf(stage, first)).length === 2) break
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const [, ended] = await eventsOf(stage, first)
  assert.deepEqual([ended?.type, ended?.body.reason], ['account.unbinding.failed.v1', 'expired'])
  assert.equal(await stateOf(account), 'active')
  assert.deepEqual(await codesOf(give(account, RIGHT)), [403, '4030412'])
  assert.notEqual(await asked(account), first)
  assert.deepEqual(await codesOf(give(account, RIGHT)), [200, '2000400'])
})

test('what is asked for twice has one number, by whichever way, and the bank sends one code', async () => {
  const account = await kept()
  const referenceNo = await asked(account)
  assert.equal(await asked(account), referenceNo)
  const byPage = await unbindAccount(stage.merchant, account.accessToken)
  assert.deepEqual([byPage.status, byPage.body.referenceNo], [202, referenceNo])
  assert.equal(await stateOf(account), 'active')
  const inbox = await fetch(`${stage.simulator.url}/_sim/inbox?referenceNo=${referenceNo}`)
  assert.equal(((await inbox.json()) as unknown[]).length, 1)
  assert.deepEqual(await codesOf(give(account, RIGHT)), [200, '2000400'])
})

test('whatever waits for no code, or is not the caller’s, is refused', async () => {
  const account = await kept()
  assert.deepEqual(await codesOf(give(account, RIGHT)), [404, '4040401'], 'nobody has asked')
  await asked(account)
  const stranger = await stage.addMerchant()
  const other = await kept()
  const refusals: readonly (readonly [code: string, answer: Promise<Answer>])[] = [
    ['4010402', give(account, RIGHT, { merchant: stranger })],
    ['4040401', give(account, RIGHT, { merchant: stranger, info: { bankCardToken: account.bankCardToken } })],
    ['4010402', give(account, RIGHT, { info: { bankCardToken: 'a.b.c' } })],
    ['4040401', give(account, RIGHT, { info: { bankCardToken: 'f'.repeat(32) } })],
    ['4010402', give(account, RIGHT, { info: { bankCardToken: 'junk' } })],
    ['4000402', give(account, RIGHT, { info: { bankCardToken: undefined } })],
    ['4040418', give(account, RIGHT, { info: { channel: ALLO } })],
    ['4000401', give(account, RIGHT, { info: { channel: 'NOWHERE' } })],
    ['4040418', give(account, RIGHT, {}, { originalReferenceNo: '1' })],
    ['4040418', give(account, RIGHT, {}, { originalPartnerReferenceNo: '1' })],
    ['4040418', give(account, RIGHT, { headers: { 'Authorization-Customer': other.accessToken } })],
    ['4000401', give(account, '11100')],
    ['4000401', give(account, '1110001')],
  ]
  for (const [code, answer] of refusals) assert.equal((await answer).body.responseCode, code)
  assert.deepEqual(await codesOf(give(account, RIGHT)), [200, '2000400'])
})

test('a bank that asks for no code ends it at once, also host to host', async () => {
  const wallet = await kept({ channel: OVO })
  const { body } = await unbindAccount(stage.merchant, wallet.accessToken, { channel: OVO, headers: H2H })
  assert.equal(body.responseCode, '2000900')
})

test('the bank’s no to a code leaves the account as it was', async () => {
  const account = await kept()
  await asked(account)
  await control(stage, 'next', { case: '40315', match: { operation: 'verification' } })
  assert.deepEqual(await codesOf(give(account, RIGHT)), [403, '4030415'])
  assert.equal(await stateOf(account), 'active')
  assert.deepEqual(await codesOf(give(account, RIGHT)), [404, '4040400'])
})

test('silence about the wish or the code is no word, and what the bank did comes out', async () => {
  const account = await kept()
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'unbinding' } })
  const first = await unbindAccount(stage.merchant, account.accessToken, { headers: H2H })
  assert.deepEqual([first.status, first.body.responseCode], [504, '5040500'])
  assert.equal(await stateOf(account), 'active')
  await asked(account)
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'verification' } })
  assert.deepEqual(await codesOf(give(account, RIGHT)), [504, '5040400'])
  await untilStands(stage, account.referenceNo, 'inactive')
  assert.deepEqual(await codesOf(give(account, RIGHT)), [400, '4000403'])

  const unheard = await kept()
  await asked(unheard)
  await control(stage, 'next', { fault: 'drop-before', match: { operation: 'verification' } })
  assert.deepEqual(await codesOf(give(unheard, RIGHT)), [504, '5040400'])
  for (let answer = await give(unheard, RIGHT); answer.status !== 200; answer = await give(unheard, RIGHT))
    assert.equal(answer.status, 504, answer.text)
  assert.equal(await stateOf(unheard), 'inactive')
})

test('the same request is answered to the letter, with another code it is a conflict', async () => {
  const account = await kept()
  await asked(account)
  const externalId = newId()
  const wrong = await give(account, WRONG, { externalId })
  const again = await give(account, WRONG, { externalId })
  assert.deepEqual([again.status, again.text], [409, wrong.text])
  assert.deepEqual(await codesOf(give(account, RIGHT, { externalId })), [409, '4090400'])
  const last = newId()
  const right = await give(account, RIGHT, { externalId: last })
  const repeated = await give(account, RIGHT, { externalId: last })
  assert.deepEqual([right.status, repeated.status, repeated.text], [200, 409, right.text])
})

test('of many codes at once the bank is asked about five, one after the other', async () => {
  const account = await kept()
  const referenceNo = await asked(account)
  const codes = Array.from({ length: 20 }, (_, place) => String(100_100 + place))
  const answers: string[] = []
  for (const batch of [codes.slice(0, 10), codes.slice(10)])
    answers.push(
      ...(await Promise.all(batch.map(async (otp) => (await give(account, otp)).body.responseCode))),
    )
  for (const otp of codes) answers.push((await give(account, otp)).body.responseCode)
  const allowed = new Set(['4040415', '4090400', '4030411'])
  assert.ok(
    answers.every((code) => allowed.has(code)),
    [...new Set(answers)].join(),
  )
  const rows = await stage.query<{ attempts: number; tried: number }>(
    `select attempts, (select count(*)::int from unbinding_attempts a where a.reference_no = c.reference_no) tried
       from unbinding_codes c where reference_no = $1`,
    [referenceNo],
  )
  assert.deepEqual(rows, [{ attempts: 5, tried: 5 }])
  assert.equal(await stateOf(account), 'active')
})

test('no code stands in a row or in the log', async () => {
  const account = await kept()
  const referenceNo = await asked(account)
  await give(account, '987650')
  const rows = await stage.query(
    `select row_to_json(a)::text as text from unbinding_attempts a where reference_no = $1
     union all select row_to_json(r)::text from request_ids r where reference_no = $1`,
    [referenceNo],
  )
  assert.ok(rows.length >= 2)
  assert.ok(!JSON.stringify(rows).includes('987650'))
  assert.ok(!stage.logged.join('').includes('987650'))
})
