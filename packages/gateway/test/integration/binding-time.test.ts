import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  bind,
  bound,
  codeOf,
  eventsOf,
  messagesOf,
  newCard,
  resend,
  rowOf,
  untilStands,
  verify,
  wrongCodes,
} from '../card-customer.ts'
import { control } from '../fault/books.ts'
import { JumpingClock } from '../fault/process-alike.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const clock = new JumpingClock()
const MINUTE = 60_000
let stage: Stage
before(async () => {
  const env = {
    GERBANG_NETWORK_TIMEOUT_MS: '400',
    GERBANG_LONGEST_PAUSE_MS: '200',
    GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
    GERBANG_TOKEN_SECONDS: '86400',
  }
  // The database's clock does not jump: what is given up by two clocks would never be.
  const ownClock = { now: clock.now, sleep: clock.sleep, shiftMs: () => clock.now() - Date.now() }
  stage = await openStage({ env, seams: { clock: ownClock }, simulator: { clock: clock.now } })
})
after(() => stage.close())

test('another code replaces the one before, gives new time, and no new attempts', async () => {
  const { referenceNo } = await bound(stage)
  const first = await codeOf(stage, referenceNo)
  const [wrong = ''] = wrongCodes(first, 1)
  await verify(stage.merchant, referenceNo, wrong)
  clock.jump(MINUTE)
  const answer = await resend(stage.merchant, referenceNo)
  assert.equal(answer.body.responseCode, '2008100', answer.text)
  const { additionalInfo, ...rest } = answer.body
  assert.deepEqual(rest, {
    responseCode: '2008100',
    responseMessage: 'Successful',
    originalReferenceNo: referenceNo,
    chargeToken: referenceNo,
  })
  assert.match(additionalInfo.authCode, /^2238\d{36}$/)
  assert.ok(Date.parse(additionalInfo.otpExpiresAt) > clock.now() + 4 * MINUTE)
  assert.equal((await verify(stage.merchant, referenceNo, first)).body.responseCode, '4040415')
  assert.equal((await rowOf(stage, referenceNo)).attempts, 2)
  const second = await codeOf(stage, referenceNo)
  assert.equal((await verify(stage.merchant, referenceNo, second)).body.responseCode, '2000400')
})

test('a fourth code is refused for good, and the same request is answered to the letter', async () => {
  const { referenceNo } = await bound(stage)
  for (let time = 0; time < 3; time++) {
    clock.jump(MINUTE)
    const externalId = newId()
    const first = await resend(stage.merchant, referenceNo, { externalId })
    assert.equal(first.body.responseCode, '2008100')
    const again = await resend(stage.merchant, referenceNo, { externalId })
    assert.deepEqual([again.status, again.text], [409, first.text])
  }
  clock.jump(MINUTE)
  assert.equal((await resend(stage.merchant, referenceNo)).body.responseCode, '4038104')
  assert.equal((await messagesOf(stage, referenceNo)).length, 4)
})

test('twenty wishes for another code at once send one', async () => {
  const { referenceNo } = await bound(stage)
  clock.jump(MINUTE)
  const answers = await Promise.all(Array.from({ length: 20 }, () => resend(stage.merchant, referenceNo)))
  const codes = answers.map(({ body }) => body.responseCode).sort()
  assert.deepEqual(codes, ['2008100', ...Array.from({ length: 19 }, () => '4298100')])
  assert.equal((await messagesOf(stage, referenceNo)).length, 2)
})

test('a code that is dead is dead here, too, and the network is not asked', async () => {
  const { referenceNo } = await bound(stage)
  const code = await codeOf(stage, referenceNo)
  clock.jump(6 * MINUTE)
  assert.equal((await verify(stage.merchant, referenceNo, code)).body.responseCode, '4030412')
  assert.equal((await rowOf(stage, referenceNo)).attempts, 0)
  assert.equal((await resend(stage.merchant, referenceNo)).body.responseCode, '2008100')
  const fresh = await codeOf(stage, referenceNo)
  assert.equal((await verify(stage.merchant, referenceNo, fresh)).body.responseCode, '2000400')
})

test('a binding that nobody confirms expires, tells so, and makes way for another', async () => {
  const { referenceNo, cardNumber } = await bound(stage, { custIdMerchant: 'LATE' })
  clock.jump(16 * MINUTE)
  assert.equal((await verify(stage.merchant, referenceNo, '111000')).body.responseCode, '4030412')
  const row = await untilStands(stage, referenceNo, 'expired')
  assert.equal(row.card_sealed, null)
  assert.deepEqual(
    (await eventsOf(stage, referenceNo)).map(({ type, body }) => [type, body.state, body.responseCode]),
    [['card.binding.failed.v1', 'expired', '4030112']],
  )
  assert.equal((await verify(stage.merchant, referenceNo, '111000')).body.responseCode, '4030412')
  assert.equal((await resend(stage.merchant, referenceNo)).body.responseCode, '4048100')
  await bound(stage, { cardNumber, custIdMerchant: 'LATE' })
})

for (const fault of ['drop-after', 'late', 'garbage'])
  test(`a network that sends the code and says nothing (${fault}) is believed when it is asked again`, async () => {
    await control(stage, 'next', { fault, match: { operation: 'binding' } })
    const externalId = newId()
    const wish = { cardNumber: await newCard(stage), custIdMerchant: `SILENT${externalId}` }
    const answer = await bind(stage.merchant, wish, { externalId })
    assert.deepEqual([answer.status, answer.body.responseCode], [202, '2020100'])
    const { referenceNo, additionalInfo } = answer.body
    assert.equal(additionalInfo.status, 'PENDING')
    await untilStands(stage, referenceNo, 'otp_sent')
    const again = await bind(stage.merchant, wish, { externalId })
    assert.deepEqual([again.status, again.body.responseCode], [409, '2000100'])
    assert.equal(again.body.additionalInfo.authCode, additionalInfo.authCode)
    const done = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
    assert.equal(done.body.responseCode, '2000400')
  })

test('a wish that never arrived fails when the network can no longer hear of it', async () => {
  await control(stage, 'next', { fault: 'drop-before', match: { operation: 'binding' } })
  const externalId = newId()
  const wish = { cardNumber: await newCard(stage), custIdMerchant: 'NEVER' }
  const { body } = await bind(stage.merchant, wish, { externalId })
  assert.equal(body.responseCode, '2020100')
  const row = await untilStands(stage, body.referenceNo, 'failed')
  assert.equal(row.outcome, 'timeout')
  assert.equal((await bind(stage.merchant, wish, { externalId })).body.responseCode, '5040100')
  assert.equal((await bind(stage.merchant, wish)).body.responseCode, '2000100')
})

for (const fault of ['drop-after', 'late', 'garbage'])
  test(`a right code whose answer is lost (${fault}) keeps the card in the end, once`, async () => {
    const { referenceNo } = await bound(stage)
    const code = await codeOf(stage, referenceNo)
    await control(stage, 'next', { fault, match: { operation: 'verification' } })
    const externalId = newId()
    const answer = await verify(stage.merchant, referenceNo, code, { externalId })
    assert.deepEqual([answer.status, answer.body.responseCode], [202, '2020400'])
    assert.equal(answer.body.bankCardToken, undefined)
    const row = await untilStands(stage, referenceNo, 'active')
    assert.equal((await eventsOf(stage, referenceNo)).length, 1)
    const again = await verify(stage.merchant, referenceNo, code, { externalId })
    assert.deepEqual([again.status, again.body.bankCardToken], [409, row.bank_card_token])
  })

test('a code that never arrived may be tried again, and costs one attempt', async () => {
  const { referenceNo } = await bound(stage)
  const code = await codeOf(stage, referenceNo)
  await control(stage, 'next', { fault: 'drop-before', match: { operation: 'verification' } })
  assert.equal((await verify(stage.merchant, referenceNo, code)).body.responseCode, '2020400')
  assert.equal((await verify(stage.merchant, referenceNo, code)).body.responseCode, '4090400')
  await untilStands(stage, referenceNo, 'otp_sent')
  assert.equal((await verify(stage.merchant, referenceNo, code)).body.responseCode, '2000400')
  assert.equal((await rowOf(stage, referenceNo)).attempts, 1)
})

test('another code whose answer is lost counts, and what the network knows of it is learnt', async () => {
  const { referenceNo } = await bound(stage)
  clock.jump(MINUTE)
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'resend' } })
  const answer = await resend(stage.merchant, referenceNo)
  assert.deepEqual([answer.status, answer.body.responseCode], [202, '2028100'])
  assert.equal((await messagesOf(stage, referenceNo)).length, 2)
  const fresh = await codeOf(stage, referenceNo)
  assert.equal((await verify(stage.merchant, referenceNo, fresh)).body.responseCode, '2000400')
})

test('a code that the network will not send again is told by its word, and the one before counts', async () => {
  const { referenceNo } = await bound(stage)
  clock.jump(MINUTE)
  await control(stage, 'next', { case: '40304', match: { operation: 'resend' } })
  assert.equal((await resend(stage.merchant, referenceNo)).body.responseCode, '4038104')
  assert.equal((await rowOf(stage, referenceNo)).resends, 0)
  const code = await codeOf(stage, referenceNo)
  assert.equal((await verify(stage.merchant, referenceNo, code)).body.responseCode, '2000400')
})

test('while one code is being asked about, another is a conflict', async () => {
  const { referenceNo } = await bound(stage)
  const code = await codeOf(stage, referenceNo)
  await control(stage, 'next', { fault: 'slow', delayMs: 200, match: { operation: 'verification' } })
  const [first, second] = await Promise.all([
    verify(stage.merchant, referenceNo, code),
    new Promise((resolve) => setTimeout(resolve, 60)).then(() =>
      verify(stage.merchant, referenceNo, '400001'),
    ),
  ])
  assert.deepEqual([first.body.responseCode, second.body.responseCode], ['2000400', '4090400'])
})

test('a network that is silent for a day has the last word: the binding expires', async () => {
  await control(stage, 'outage', { mode: 'down' })
  const wish = { cardNumber: await newCard(stage), custIdMerchant: 'DAY' }
  const { body } = await bind(stage.merchant, wish)
  assert.equal(body.responseCode, '2020100')
  await untilStands(stage, body.referenceNo, 'unresolved')
  clock.jump(24 * 60 * MINUTE + MINUTE)
  await untilStands(stage, body.referenceNo, 'expired')
  await control(stage, 'outage', { mode: 'up' })
})
