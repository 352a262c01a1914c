import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ACCOUNT_CHANNELS, askedForPin, CIMB, keptAccount, PIN, unbindAccount } from '../account-customer.ts'
import { redeem, refresh } from '../customer.ts'
import type { Merchant } from '../merchant.ts'
import { type NotifiedStage, openNotifiedStage } from '../notified-stage.ts'
import { NOTIFY_PATH, type Sink, TOKEN_PATH } from '../partner-sink.ts'

/** The diagram of an account's binding on the hosted page, from the first arrow to the last and back to nothing. */
let stage: NotifiedStage
before(async () => {
  stage = await openNotifiedStage({ env: ACCOUNT_CHANNELS })
})
after(() => stage.close())

async function openMerchant(): Promise<{ merchant: Merchant; sink: Sink }> {
  const merchant = await stage.addMerchant()
  const sink = await stage.openSinkFor(merchant)
  await stage.subscribe(merchant, sink, {
    urls: [
      { purpose: 'notification', url: `${sink.url}${NOTIFY_PATH}` },
      { purpose: 'binding', url: `${sink.url}/v1.0/binding/notify` },
      { purpose: 'token', url: `${sink.url}${TOKEN_PATH}` },
    ],
  })
  return { merchant, sink }
}

test('6.1 an account on the hosted page: code, PIN, result to the merchant, return, customer token, unbinding', async () => {
  const { merchant, sink } = await openMerchant()
  const account = await keptAccount(stage, {}, merchant)
  assert.ok(account.browser.html.includes('href="https://shop.example/linked"'))
  const [result] = await sink.untilTold(1)
  assert.ok(result)
  assert.equal(result.proof, 'symmetric')
  assert.deepEqual(result.body.additionalInfo, {
    status: 'SUCCESS',
    custIdMerchant: account.custIdMerchant,
    authCode: account.authCode,
  })
  const token = await redeem(merchant, account.authCode)
  assert.equal(token.body.responseCode, '2007400', token.text)
  assert.equal((await refresh(merchant, token.body.refreshToken)).body.responseCode, '2007400')
  const forgotten = await unbindAccount(merchant, token.body.accessToken)
  assert.equal(forgotten.body.responseCode, '2000500', forgotten.text)
  // The token that it is named by dies with it.
  const headers = { 'Authorization-Customer': token.body.accessToken as string }
  const status = await merchant.call(
    '/orders/v1.0/debit/status',
    { originalPartnerReferenceNo: 'X', serviceCode: '55', additionalInfo: { channel: CIMB } },
    { headers },
  )
  assert.equal(status.body.responseCode, '4015502')
  assert.equal((await redeem(merchant, account.authCode)).body.responseCode, '4017400')
})

test('6.1 an account that its customer does not want is told as failed, with the code of its request, which opens nothing', async () => {
  const { merchant, sink } = await openMerchant()
  const { browser, custIdMerchant, authCode } = await askedForPin(stage, {}, merchant)
  await browser.post({ action: 'cancel' })
  const [result] = await sink.untilTold(1)
  assert.deepEqual(result?.body.additionalInfo, { status: 'FAILED', custIdMerchant, authCode })
  assert.equal((await redeem(merchant, authCode)).body.responseCode, '4017400')
})

test('what nobody may know of an account is in no table, event or log', async () => {
  const { merchant } = await openMerchant()
  const wrong = '918273'
  const asked = await askedForPin(stage, {}, merchant)
  await asked.browser.post({ action: 'verify', code: wrong })
  await asked.browser.post({ action: 'verify', code: PIN })
  const tables = await stage.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  )
  const rows = await Promise.all(
    tables.map(({ name }) => stage.query(`select t::text as text from "${name}" t`)),
  )
  const places = [JSON.stringify(rows), stage.logged.join('\n')]
  const session = asked.browser.url.split('/').at(-1) ?? ''
  const standing = (digits: string) => new RegExp(`(?<![0-9a-f])${digits}(?![0-9a-f])`)
  for (const place of places) {
    assert.ok(!place.includes(asked.phoneNo) && !place.includes(session))
    for (const code of [wrong, PIN]) assert.ok(!standing(code).test(place), code)
  }
})
