import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  ACCOUNT_CHANNELS,
  type AccountWish,
  ALLO,
  anAccountBinding,
  askedAccount,
  askedForPin,
  bindAccount,
  CIMB,
  keptAccount,
  newPhone,
  OVO,
  PIN,
} from '../account-customer.ts'
import { codeOf, eventsOf, rowOf, untilStands } from '../card-customer.ts'
import { redeem, refresh } from '../customer.ts'
import { control } from '../fault/books.ts'
import { JumpingClock } from '../fault/process-alike.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const clock = new JumpingClock()
let stage: Stage
before(async () => {
  stage = await openStage({
    seams: { clock },
    simulator: { clock: clock.now },
    env: {
      ...ACCOUNT_CHANNELS,
      GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0',
      GERBANG_TOKEN_SECONDS: '86400',
      GERBANG_UNBINDING_EVERY_MS: '50',
    },
  })
})
after(() => stage.close())

test('an account is asked for and answered with the page, the code for tokens and nothing more', async () => {
  const custIdMerchant = `CUST${newId()}`
  const { status, body } = await bindAccount(stage.merchant, { custIdMerchant })
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body), [
    'responseCode',
    'responseMessage',
    'referenceNo',
    'redirectUrl',
    'additionalInfo',
  ])
  assert.deepEqual([body.responseCode, body.responseMessage], ['2000700', 'Successful'])
  const { partnerId } = stage.merchant.keys
  assert.ok(body.redirectUrl.startsWith(`${stage.url}/direct-debit/ui/binding/core/${partnerId}/`))
  const { authCode, ...info } = body.additionalInfo
  assert.deepEqual(info, { custIdMerchant, status: 'PENDING', accountStatus: 'PENDING' })
  assert.match(authCode, /^2238\d{36}$/)
})

test('code and then PIN keep the account, and the page leads back to the shop with nothing added', async () => {
  const { browser, referenceNo } = await askedAccount(stage)
  assert.ok(browser.html.includes('Konfirmasi penautan akun') && browser.html.includes('CIMB'))
  assert.match(browser.html, /autocomplete="one-time-code"/)
  await browser.post({ action: 'verify', code: await codeOf(stage, referenceNo) })
  assert.equal(browser.status, 200)
  assert.match(browser.html, /type="password"/)
  assert.ok(!browser.html.includes('value="resend"'))
  await browser.post({ action: 'verify', code: PIN })
  assert.ok(browser.html.includes('Akun tertaut'))
  assert.ok(browser.html.includes('href="https://shop.example/linked"'))
  const row = await rowOf(stage, referenceNo)
  assert.deepEqual([row.state, row.card_sealed], ['active', null])
  const [kept] = await stage.query<{ last_four: string; issuer_number: string; channel: string }>(
    'select last_four, issuer_number, channel from card_tokens where bank_card_token = $1',
    [row.bank_card_token],
  )
  assert.deepEqual([kept?.channel, kept?.issuer_number], [CIMB, ''])
})

test('one event tells that the account is kept, and neither token nor telephone', async () => {
  const { referenceNo, bankCardToken, phoneNo } = await keptAccount(stage)
  const events = await eventsOf(stage, referenceNo)
  assert.deepEqual(
    events.map(({ type, sequence }) => [type, sequence]),
    [['account.binding.completed.v1', 1]],
  )
  assert.equal(events[0]?.body.responseCode, '2000700')
  const text = JSON.stringify(events)
  assert.ok(!text.includes(bankCardToken) && !text.includes(phoneNo))
})

test('what a channel wants and what is malformed is refused with the name of the member', async () => {
  const info = (changes: object) => ({ info: changes })
  const refusals: readonly (readonly [code: string, field: string, wish: object, channel?: string])[] = [
    ['4000702', 'additionalInfo.channel', info({ channel: undefined })],
    ['4000701', 'additionalInfo.channel', info({ channel: 'DIRECT_DEBIT_NOWHERE_SNAP' })],
    ['4000702', 'additionalInfo.custIdMerchant', info({ custIdMerchant: '' })],
    ['4000702', 'additionalInfo.successRegistrationUrl', info({ successRegistrationUrl: '' })],
    ['4000702', 'additionalInfo.failedRegistrationUrl', info({ failedRegistrationUrl: null })],
    [
      '4000701',
      'additionalInfo.successRegistrationUrl',
      info({ successRegistrationUrl: 'javascript:alert(1)' }),
    ],
    ['4000701', 'additionalInfo.failedRegistrationUrl', info({ failedRegistrationUrl: 'https://10.0.0.1/' })],
    [
      '4000701',
      'additionalInfo.failedRegistrationUrl',
      info({ failedRegistrationUrl: 'https://intranet./' }),
    ],
    ['4000701', 'phoneNo', { phoneNo: '12345678901' }],
    ['4000701', 'phoneNo', { phoneNo: '6281' }],
    [
      '4000702',
      'additionalInfo.deviceModel',
      { channel: ALLO, ...info({ osType: 'ios', channelId: 'app' }) },
    ],
    [
      '4000701',
      'additionalInfo.osType',
      { channel: ALLO, ...info({ deviceModel: 'A', osType: 'windows', channelId: 'app' }) },
    ],
  ]
  for (const [code, field, wish] of refusals) {
    const { body } = await bindAccount(stage.merchant, wish)
    assert.equal(body.responseCode, code, `${field}: ${JSON.stringify(body)}`)
    assert.ok(body.responseMessage.endsWith(field), body.responseMessage)
    assert.deepEqual(Object.keys(body), ['responseCode', 'responseMessage'])
  }
  const { phoneNo: _, ...withoutPhone } = anAccountBinding()
  const missing = await stage.merchant.call(
    '/direct-debit/core/v1/registration-account-binding',
    withoutPhone,
  )
  assert.equal(missing.body.responseCode, '4000702')
})

test('a channel that keeps cards, or nothing, keeps no account', async () => {
  for (const channel of ['KARTU_KREDIT_INDONESIA_SNAP', 'DIRECT_DEBIT_BRI_SNAP', 'EMONEY_DANA_SNAP'])
    assert.equal((await bindAccount(stage.merchant, { channel })).body.responseCode, '4050700', channel)
})

test('every account channel keeps accounts, with its names in any case', async () => {
  const allo = { deviceModel: 'Pixel 9', osType: 'Android', channelId: 'APP' }
  for (const [channel, info] of [
    [OVO, {}],
    [ALLO, allo],
    [CIMB.toLowerCase(), {}],
  ] as const) {
    const { bankCardToken } = await keptAccount(stage, { channel, info })
    assert.match(bankCardToken, /^[0-9a-f]{32}$/)
  }
  // What its pages call mandatory and clients do not send is noted, and refuses nothing.
  const line = stage.logged.find((one) => one.includes(ALLO) && one.includes('registration-account-binding'))
  assert.ok(
    line?.includes('"missingHeaders":"X-DEVICE-ID X-IP-ADDRESS"') ||
      line?.includes('"missingHeaders":"X-IP-ADDRESS X-DEVICE-ID"'),
    line,
  )
})

const ANOTHERS = 'Transaction Not Permitted. Account already registered by another customer'
const ONES_OWN = 'Transaction Not Permitted. Account Already Registered'

async function expectRefused(wish: AccountWish, message: string): Promise<void> {
  const { body } = await bindAccount(stage.merchant, wish)
  assert.deepEqual(body, { responseCode: '4030715', responseMessage: message })
}

test('an account has one customer of the partner, in every notation of its telephone', async () => {
  const { phoneNo, custIdMerchant, referenceNo } = await askedAccount(stage)
  const notations = [phoneNo, `+${phoneNo}`, phoneNo.replace(/^62/, '0')]
  // The same customer begins anew: the binding before is called off.
  const again = await askedForPin(stage, { phoneNo: notations[1] ?? '', custIdMerchant })
  assert.equal((await rowOf(stage, referenceNo)).state, 'cancelled')
  await again.browser.post({ action: 'verify', code: PIN })
  assert.equal((await rowOf(stage, again.referenceNo)).state, 'active')
  for (const phone of notations) {
    await expectRefused({ phoneNo: phone }, ANOTHERS)
    await expectRefused({ phoneNo: phone, custIdMerchant }, ONES_OWN)
  }
  // Another partner, or another channel, is another matter.
  const stranger = await stage.addMerchant()
  assert.equal((await bindAccount(stranger, { phoneNo })).body.responseCode, '2000700')
  assert.equal((await bindAccount(stage.merchant, { phoneNo, channel: OVO })).body.responseCode, '2000700')
})

test('whoever asks for an account and does not confirm keeps nobody from it', async () => {
  const idle = await askedAccount(stage)
  const { phoneNo } = idle
  const quick = await keptAccount(stage, { phoneNo })
  assert.equal((await rowOf(stage, idle.referenceNo)).state, 'otp_sent')
  await expectRefused({ phoneNo }, ANOTHERS)

  // The bank says yes to the first one, too, who comes too late.
  await idle.browser.post({ action: 'verify', code: await codeOf(stage, idle.referenceNo) })
  await idle.browser.post({ action: 'verify', code: PIN })
  assert.match(idle.browser.html, /<h1>Akun ini sudah tertaut untuk pelanggan lain/)
  assert.ok(idle.browser.html.includes('Akun Anda tidak ditautkan.'))
  const row = await rowOf(stage, idle.referenceNo)
  assert.deepEqual([row.state, row.outcome, row.bank_card_token], ['failed', 'transactionNotPermitted', null])
  const events = await eventsOf(stage, idle.referenceNo)
  assert.deepEqual(
    events.map(({ type, body }) => [type, body.responseCode]),
    [['account.binding.failed.v1', '4030715']],
  )
  assert.equal((await redeem(stage.merchant, idle.authCode)).body.responseCode, '4017400')
  assert.equal((await redeem(stage.merchant, quick.authCode)).body.responseCode, '2007400')
  assert.deepEqual(await surplusTokens(), ['forgotten'])
  assert.ok(!stage.logged.some((line) => line.includes('Contradiction')))
})

/** How the tokens stand that nobody pays with, at most ten seconds from now. */
async function surplusTokens(): Promise<readonly string[]> {
  for (const until = Date.now() + 10_000; ; await new Promise((resolve) => setTimeout(resolve, 30))) {
    const rows = await stage.query<{ state: string; due_at: Date | null }>(
      'select state, due_at from surplus_tokens',
    )
    if (rows.every(({ due_at }) => due_at === null) || Date.now() > until)
      return rows.map(({ state }) => state)
  }
}

test('the same request again is answered to the letter with 409, and asks once', async () => {
  const externalId = newId()
  const body = anAccountBinding()
  const path = '/direct-debit/core/v1/registration-account-binding'
  const first = await stage.merchant.call(path, body, { externalId })
  const again = await stage.merchant.call(path, body, { externalId })
  assert.deepEqual([again.status, again.text], [409, first.text])
  const other = await stage.merchant.call(path, anAccountBinding(), { externalId })
  assert.equal(other.body.responseCode, '4090700')
})

test('no token before the PIN, and then as often as it is asked for', async () => {
  const { browser, authCode, referenceNo } = await askedAccount(stage)
  assert.equal((await redeem(stage.merchant, authCode)).body.responseCode, '4017400')
  await browser.post({ action: 'verify', code: await codeOf(stage, referenceNo) })
  assert.equal((await redeem(stage.merchant, authCode)).body.responseCode, '4017400')
  await browser.post({ action: 'verify', code: PIN })
  for (let time = 0; time < 3; time++) {
    const { body } = await redeem(stage.merchant, authCode)
    assert.equal(body.responseCode, '2007400')
    assert.equal((await refresh(stage.merchant, body.refreshToken)).body.responseCode, '2007400')
  }
})

test('the third wrong PIN ends it, the same wrong one again costs nothing, and none is shown or left', async () => {
  const { browser, referenceNo } = await askedForPin(stage)
  for (const [pin, left] of [
    ['111111', 'Sisa 2 percobaan'],
    ['111111', 'Sisa 2 percobaan'],
    ['222222', 'Sisa 1 percobaan'],
  ] as const) {
    await browser.post({ action: 'verify', code: pin })
    assert.equal(browser.status, 422)
    assert.ok(browser.html.includes(left), left)
    assert.ok(!browser.html.includes(pin))
  }
  const hashes = async () =>
    await stage.query<{ step: string; otp_lookup: Buffer | null }>(
      'select step, otp_lookup from otp_attempts where reference_no = $1 order by step, attempt',
      [referenceNo],
    )
  assert.deepEqual(
    (await hashes()).map(({ step, otp_lookup }) => [step, otp_lookup !== null]),
    [
      ['otp', true],
      ['pin', true],
      ['pin', true],
    ],
  )
  await browser.post({ action: 'verify', code: '333333' })
  assert.match(browser.html, /<h1>PIN salah terlalu sering/)
  assert.equal(browser.status, 403)
  assert.equal((await rowOf(stage, referenceNo)).state, 'blocked')
  assert.deepEqual(
    (await hashes()).filter(({ step }) => step === 'pin').map(({ otp_lookup }) => otp_lookup),
    [null, null, null],
  )
  assert.equal((await eventsOf(stage, referenceNo))[0]?.type, 'account.binding.failed.v1')
})

test('a code that is sent twice is not tried as a PIN, nor a PIN as a code', async () => {
  const { browser, referenceNo } = await askedAccount(stage)
  const code = await codeOf(stage, referenceNo)
  await browser.post({ action: 'verify', code: PIN, kind: 'pin' })
  assert.equal((await rowOf(stage, referenceNo)).state, 'otp_sent')
  await browser.post({ action: 'verify', code })
  await browser.post({ action: 'verify', code, kind: 'otp' })
  const row = await rowOf(stage, referenceNo)
  assert.deepEqual([row.state, row.attempts], ['pin_wanted', 0])
  await browser.post({ action: 'resend' })
  assert.equal((await rowOf(stage, referenceNo)).state, 'pin_wanted')
})

test('more time, another language and cancelling are there for the PIN, too', async () => {
  const { browser, referenceNo } = await askedForPin(stage)
  await browser.post({ action: 'language', code: '4321' })
  assert.match(browser.html, /<html lang="en">/)
  assert.ok(browser.html.includes('PIN (6 digits)') && !browser.html.includes('4321'))
  clock.jump(300_000)
  await browser.post({ action: 'extend' })
  assert.ok(browser.html.includes('You have more time'))
  await browser.post({ action: 'cancel' })
  assert.ok(browser.html.includes('href="https://shop.example/not-linked"'))
  assert.equal((await rowOf(stage, referenceNo)).state, 'cancelled')
})

test('a PIN that does not come in time ends the binding', async () => {
  const { browser, referenceNo } = await askedForPin(stage)
  clock.jump(901_000)
  await untilStands(stage, referenceNo, 'expired')
  assert.equal((await browser.get()).status, 410)
})

test('a silent bank is answered with 504, and the customer may begin anew', async () => {
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'binding' } })
  const wish = { phoneNo: newPhone(), custIdMerchant: `CUST${newId()}` }
  const { status, body } = await bindAccount(stage.merchant, wish)
  assert.deepEqual([status, body.responseCode], [504, '5040700'])
  assert.deepEqual(Object.keys(body), ['responseCode', 'responseMessage'])
  assert.equal((await bindAccount(stage.merchant, wish)).body.responseCode, '2000700')
})

test('a PIN whose answer is lost is looked after, and the account is kept once', async () => {
  const { browser, referenceNo } = await askedForPin(stage)
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'verification' } })
  await browser.post({ action: 'verify', code: PIN })
  await untilStands(stage, referenceNo, 'active')
  assert.ok((await browser.get()).html.includes('Akun tertaut'))
})

test('the bank’s no to a telephone is passed on', async () => {
  const { body } = await bindAccount(stage.merchant, { phoneNo: '6280000040307' })
  assert.equal(body.responseCode, '4030707', JSON.stringify(body))
})
