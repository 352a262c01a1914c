import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  aBinding,
  BIND_PATH,
  bind,
  bound,
  codeOf,
  eventsOf,
  H2H,
  messagesOf,
  newCard,
  rowOf,
  saltedCardDataOf,
  VERIFY_PATH,
  verify,
  wrongCodes,
} from '../card-customer.ts'
import { type Answer, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

test('host to host: bound with an authCode, confirmed with the code, the token in the last reply alone', async () => {
  const cardNumber = await newCard(stage)
  const answer = await bind(stage.merchant, { cardNumber, custIdMerchant: 'BUDI1' })
  assert.equal(answer.status, 200)
  assert.deepEqual(Object.keys(answer.body), [
    'responseCode',
    'responseMessage',
    'referenceNo',
    'additionalInfo',
  ])
  const { referenceNo, additionalInfo } = answer.body
  assert.match(additionalInfo.authCode, /^2238\d{36}$/)
  assert.deepEqual(additionalInfo, {
    custIdMerchant: 'BUDI1',
    status: 'PENDING',
    accountStatus: 'PENDING',
    authCode: additionalInfo.authCode,
  })

  const done = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  assert.equal(done.status, 200)
  const { bankCardToken } = done.body
  assert.match(bankCardToken, /^[0-9a-f]{32}$/)
  assert.deepEqual(done.body, {
    responseCode: '2000400',
    responseMessage: 'Successful',
    originalReferenceNo: referenceNo,
    bankCardToken,
    additionalInfo: {
      custIdMerchant: 'BUDI1',
      status: 'SUCCESS',
      accountStatus: 'SUCCESS',
      bankCardToken,
      authCode: additionalInfo.authCode,
    },
  })
  const row = await rowOf(stage, referenceNo)
  assert.deepEqual([row.state, row.card_sealed, row.bank_card_token], ['active', null, bankCardToken])
  assert.equal(row.phone_masked, '+62 811-••••-••34')
  const [token] = await stage.query<{ last_four: string }>(
    'select last_four from card_tokens where bank_card_token = $1',
    [bankCardToken],
  )
  assert.equal(token?.last_four, cardNumber.slice(-4))
})

test('the hosted page is where a binding goes that does not say otherwise', async () => {
  for (const headers of [{}, { 'CHANNEL-ID': 'SDK' }, { 'X-CHANNEL-ID': 'DH', 'CHANNEL-ID': 'H2H' }]) {
    const { body } = await bind(stage.merchant, { cardNumber: await newCard(stage) }, { headers })
    const { partnerId } = stage.merchant.keys
    const path = `${stage.url}/direct-debit/ui/binding/core/${partnerId}/`
    assert.ok(body.redirectUrl.startsWith(path), body.redirectUrl)
    assert.match(body.redirectUrl.slice(path.length), /^[\w-]{43}$/)
    assert.deepEqual(Object.keys(body.additionalInfo), ['custIdMerchant', 'status', 'accountStatus'])
  }
})

test('one event tells that the card is kept, and neither token nor card', async () => {
  const { referenceNo, cardNumber } = await bound(stage, {}, { externalId: 'ext-of-the-event' })
  const done = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  const events = await eventsOf(stage, referenceNo)
  assert.deepEqual(
    events.map(({ type, sequence }) => [type, sequence]),
    [['card.binding.completed.v1', 1]],
  )
  const [{ body }] = events as [(typeof events)[0]]
  assert.deepEqual(Object.keys(body), [
    'partnerId',
    'referenceNo',
    'externalId',
    'custIdMerchant',
    'channel',
    'flow',
    'state',
    'responseCode',
    'occurredAt',
  ])
  assert.deepEqual(
    [body['externalId'], body['flow'], body['responseCode']],
    ['ext-of-the-event', 'H2H', '2000100'],
  )
  const text = JSON.stringify(body)
  assert.ok(!text.includes(cardNumber) && !text.includes(done.body.bankCardToken))
})

test('both forms of cardData open, and the names that clients give the number', async () => {
  const { clientSecret } = stage.merchant.keys
  for (const name of ['bankCardNo', 'cpan', 'cardNo', 'chargeToken']) {
    const card = { [name]: await newCard(stage) }
    const body = {
      ...aBinding(stage.merchant, { cardNumber: '' }),
      cardData: saltedCardDataOf(card, clientSecret),
    }
    const answer = await stage.merchant.call(BIND_PATH, body, { headers: H2H })
    assert.equal(answer.body.responseCode, '2000100', `${name}: ${answer.text}`)
  }
})

test('a telephone number in any notation gets the code, and one inside cardData will do', async () => {
  for (const [phoneNo, inside] of [
    ['081211112222', undefined],
    ['+6281211112222', undefined],
    ['6281211112222', undefined],
    [undefined, '081211112222'],
  ]) {
    const { referenceNo } = await bound(stage, { body: { phoneNo }, card: { phoneNo: inside } })
    const [message] = await messagesOf(stage, referenceNo)
    assert.equal(message?.phone, '6281211112222')
    assert.equal((await rowOf(stage, referenceNo)).phone_masked, '+62 812-••••-••22')
  }
})

test('one card of several customers has one token', async () => {
  const cardNumber = await newCard(stage)
  const tokens = new Set<string>()
  for (const custIdMerchant of ['ANA', 'BUDI', 'CICI']) {
    const { referenceNo } = await bound(stage, { cardNumber, custIdMerchant })
    const done = await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
    tokens.add(done.body.bankCardToken)
  }
  assert.equal(tokens.size, 1)
})

test('the binding is found by reference, authCode, partner reference and journey', async () => {
  const names = [
    ({ body }: Answer) => ({ originalReferenceNo: body.referenceNo }),
    ({ body }: Answer) => ({ additionalInfo: { authCode: body.additionalInfo.authCode } }),
    () => ({ originalPartnerReferenceNo: 'REF-OF-NAMES-2' }),
    () => ({ journeyId: 'JOURNEY-OF-NAMES-3' }),
  ]
  for (const [index, nameOf] of names.entries()) {
    const body = { partnerReferenceNo: `REF-OF-NAMES-${index}`, journeyId: `JOURNEY-OF-NAMES-${index}` }
    const { answer, referenceNo } = await bound(stage, { body })
    const otp = await codeOf(stage, referenceNo)
    const done = await stage.merchant.call(VERIFY_PATH, { otp, ...nameOf(answer) })
    assert.equal(done.body.responseCode, '2000400', done.text)
    assert.equal(done.body.originalReferenceNo, referenceNo)
  }
})

test('a wrong code leaves the binding open; the fifth blocks it for good', async () => {
  const { referenceNo } = await bound(stage)
  const right = await codeOf(stage, referenceNo)
  const codes: string[] = []
  for (const code of wrongCodes(right, 5))
    codes.push((await verify(stage.merchant, referenceNo, code)).body.responseCode)
  assert.deepEqual(codes, ['4040415', '4040415', '4040415', '4040415', '4030411'])
  const late = await verify(stage.merchant, referenceNo, right)
  assert.equal(late.body.responseCode, '4030411')
  const row = await rowOf(stage, referenceNo)
  assert.deepEqual([row.state, row.attempts, row.card_sealed], ['blocked', 5, null])
  const events = await eventsOf(stage, referenceNo)
  assert.deepEqual(
    events.map(({ type, body }) => [type, body['state'], body['responseCode']]),
    [['card.binding.failed.v1', 'blocked', '4030111']],
  )
})

test('the same wrong code again costs no attempt', async () => {
  const { referenceNo } = await bound(stage)
  const right = await codeOf(stage, referenceNo)
  const [wrong = ''] = wrongCodes(right, 1)
  for (let time = 0; time < 7; time++)
    assert.equal((await verify(stage.merchant, referenceNo, wrong)).body.responseCode, '4040415')
  assert.equal((await rowOf(stage, referenceNo)).attempts, 1)
  assert.equal((await verify(stage.merchant, referenceNo, right)).body.responseCode, '2000400')
})

test('a code works once', async () => {
  const { referenceNo } = await bound(stage)
  const otp = await codeOf(stage, referenceNo)
  assert.equal((await verify(stage.merchant, referenceNo, otp)).body.responseCode, '2000400')
  assert.equal((await verify(stage.merchant, referenceNo, otp)).body.responseCode, '4000403')
})

for (const [what, code, expected] of [
  ['an expired code', '222001', '4030412'],
  ['a blocked code', '222002', '4030411'],
  ['a refused card', '940314', '4030414'],
] as const)
  test(`the network's word about ${what} is passed on`, async () => {
    const { referenceNo } = await bound(stage)
    const answer = await verify(stage.merchant, referenceNo, code)
    assert.equal(answer.body.responseCode, expected)
    assert.equal(answer.status, Number(expected.slice(0, 3)))
  })

test('the same request again is answered to the letter with 409, and binds once', async () => {
  const cardNumber = await newCard(stage)
  for (const headers of [H2H, {}]) {
    const externalId = newId()
    const wish = { cardNumber, custIdMerchant: `TWICE${externalId}` }
    const first = await bind(stage.merchant, wish, { externalId, headers })
    // The ciphertext is another one each time: it is the card that counts.
    const second = await bind(stage.merchant, wish, { externalId, headers })
    assert.deepEqual([second.status, second.text], [409, first.text])
    assert.equal((await messagesOf(stage, first.body.referenceNo)).length, 1)
    const other = await bind(stage.merchant, { ...wish, custIdMerchant: 'ANOTHER' }, { externalId, headers })
    assert.equal(other.body.responseCode, '4090100')
  }
})

test('the same verification again is answered to the letter, and a refused one may come again', async () => {
  const { referenceNo } = await bound(stage)
  const otp = await codeOf(stage, referenceNo)
  const externalId = newId()
  const first = await verify(stage.merchant, referenceNo, otp, { externalId })
  const second = await verify(stage.merchant, referenceNo, otp, { externalId })
  assert.deepEqual([second.status, second.text], [409, first.text])
  const other = await verify(stage.merchant, referenceNo, '400001', { externalId })
  assert.equal(other.body.responseCode, '4090400')
  const refused = newId()
  assert.equal(
    (await verify(stage.merchant, referenceNo, otp, { externalId: refused })).body.responseCode,
    '4000403',
  )
  assert.equal(
    (await verify(stage.merchant, referenceNo, '4', { externalId: refused })).body.responseCode,
    '4000401',
  )
})

test('one line of the log tells each request, what the network said and how the binding stands', async () => {
  const externalId = newId()
  const { referenceNo } = await bound(stage, {}, { externalId })
  await verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo))
  const lines = stage.logged
    .filter((line) => line.includes(referenceNo))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    lines.map((line) => [line.operation, line.network, line.state, line.responseCode]),
    [
      ['registration-card-bind', 'otp-sent', 'otp_sent', '2000100'],
      ['otp-verification', 'bound', 'active', '2000400'],
    ],
  )
  for (const { networkMs } of lines) assert.ok(Number(networkMs) > 0)
})

test('profile snap repeats no reply', async () => {
  const merchant = await stage.addMerchant('snap')
  const externalId = newId()
  const wish = { cardNumber: await newCard(stage), custIdMerchant: 'SNAP1' }
  assert.equal((await bind(merchant, wish, { externalId })).body.responseCode, '2000100')
  assert.equal((await bind(merchant, wish, { externalId })).body.responseCode, '4090100')
})
