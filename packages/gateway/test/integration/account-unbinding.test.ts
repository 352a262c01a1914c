import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  ACCOUNT_CHANNELS,
  ACCOUNT_UNBIND_PATH,
  ALLO,
  bindAccount,
  CIMB,
  keptAccount,
  OVO,
  unbindAccount,
} from '../account-customer.ts'
import { eventsOf, rowOf, untilStands } from '../card-customer.ts'
import { redeem, refresh } from '../customer.ts'
import { control } from '../fault/books.ts'
import { SetClock } from '../fault/process-alike.ts'
import { keepCardOf, unbind } from '../kept-cards.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

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
      GERBANG_CUSTOMER_TOKEN_SECONDS: '3600',
      GERBANG_UNBINDING_EVERY_MS: '20',
      GERBANG_UNBINDING_FIRST_PAUSE_MS: '50',
    },
  })
})
after(() => stage.close())

async function kept(wish: Parameters<typeof keptAccount>[1] = {}, merchant = stage.merchant) {
  const account = await keptAccount(stage, wish, merchant)
  const { body } = await redeem(merchant, account.authCode)
  return { ...account, accessToken: body.accessToken as string, refreshToken: body.refreshToken as string }
}

const stateOf = async (referenceNo: string) => (await rowOf(stage, referenceNo)).state

test('the customer’s token names the account, which is forgotten when the answer comes', async () => {
  const { accessToken, refreshToken, authCode, referenceNo } = await kept()
  const { status, body } = await unbindAccount(stage.merchant, accessToken)
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body), ['responseCode', 'responseMessage', 'referenceNo'])
  assert.equal(body.responseCode, '2000500')
  assert.equal(await stateOf(referenceNo), 'inactive')
  assert.equal((await redeem(stage.merchant, authCode)).body.responseCode, '4017400')
  assert.equal((await refresh(stage.merchant, refreshToken)).body.responseCode, '4017400')
  const events = await eventsOf(stage, body.referenceNo)
  assert.deepEqual(
    events.map(({ type }) => type),
    ['account.unbinding.requested.v1', 'account.unbinding.completed.v1'],
  )
  assert.deepEqual(events[1]?.body.bindings, [referenceNo])
  // The account is free again, for anybody of the partner's.
  assert.equal((await bindAccount(stage.merchant)).body.responseCode, '2000700')
})

test('the token may be prefixed, expired or the account’s own, and the older path will do', async () => {
  const prefixed = await kept()
  assert.equal(
    (await unbindAccount(stage.merchant, `Bearer ${prefixed.accessToken}`)).body.responseCode,
    '2000500',
  )
  const own = await kept()
  assert.equal((await unbindAccount(stage.merchant, own.bankCardToken)).body.responseCode, '2000500')
  const older = await kept()
  const path = ACCOUNT_UNBIND_PATH.replace('/core', '')
  const { body } = await stage.merchant.call(path, { tokenId: older.accessToken })
  assert.equal(body.responseCode, '2000500', JSON.stringify(body))
  const expired = await kept()
  clock.jump(7_200_000)
  assert.equal((await unbindAccount(stage.merchant, expired.accessToken)).body.responseCode, '2000500')
})

test('the number of the operation follows the channel and the profile', async () => {
  const wallet = await kept({ channel: OVO })
  const { body } = await unbindAccount(stage.merchant, wallet.accessToken, { channel: OVO })
  assert.equal(body.responseCode, '2000900')
  const again = await unbindAccount(stage.merchant, wallet.accessToken, { channel: OVO })
  assert.equal(again.body.responseCode, '4040911')
  const standard = await stage.addMerchant('snap')
  const account = await kept({}, standard)
  assert.equal((await unbindAccount(standard, account.accessToken)).body.responseCode, '2000900')
  assert.equal((await unbindAccount(standard, 'a.b.c')).body.responseCode, '4010902')
})

test('a body that is refused is refused under the number of the channel that it names', async () => {
  const refusals: readonly (readonly [code: string, body: object])[] = [
    ['4000902', { additionalInfo: { channel: OVO } }],
    ['4000902', { tokenId: '', additionalInfo: { channel: ALLO } }],
    ['4000901', { tokenId: 'é', additionalInfo: { channel: OVO } }],
    ['4000502', { additionalInfo: { channel: CIMB } }],
    ['4000502', { additionalInfo: { channel: 'NOWHERE' } }],
    ['4000502', {}],
    ['4000501', { tokenId: 'a.b.c', additionalInfo: { channel: 5 } }],
  ]
  for (const [code, body] of refusals) {
    const answer = await stage.merchant.call(ACCOUNT_UNBIND_PATH, body)
    assert.deepEqual(
      [answer.status, answer.body.responseCode],
      [400, code],
      `${JSON.stringify(body)} ${answer.text}`,
    )
  }
  const standard = await stage.addMerchant('snap')
  const { body } = await standard.call(ACCOUNT_UNBIND_PATH, { additionalInfo: { channel: CIMB } })
  assert.equal(body.responseCode, '4000902')
  const externalId = newId()
  const wallet = await kept({ channel: OVO })
  await unbindAccount(stage.merchant, wallet.accessToken, { channel: OVO, externalId })
  const repeated = await stage.merchant.call(
    ACCOUNT_UNBIND_PATH,
    { additionalInfo: { channel: OVO } },
    { externalId },
  )
  assert.equal(repeated.body.responseCode, '4090900')
})

test('what is nobody’s, another’s, a card’s or of another channel is refused', async () => {
  const account = await kept()
  const stranger = await stage.addMerchant()
  const card = await keepCardOf(stage)
  const refusals: readonly (readonly [code: string, answer: Promise<{ body: { responseCode: string } }>])[] =
    [
      ['4010502', unbindAccount(stage.merchant, 'eyJ.eyJ.x')],
      ['4010502', unbindAccount(stranger, account.accessToken)],
      ['4040511', unbindAccount(stranger, account.bankCardToken)],
      ['4040511', unbindAccount(stage.merchant, 'f'.repeat(32))],
      ['4010502', unbindAccount(stage.merchant, 'junk')],
      ['4010502', unbindAccount(stage.merchant, 'F'.repeat(32))],
      ['4010502', unbindAccount(stage.merchant, Buffer.from(account.accessToken).toString('base64'))],
      ['4010902', unbindAccount(stage.merchant, 'junk', { channel: OVO })],
      ['4050500', unbindAccount(stage.merchant, account.accessToken, { channel: 'DIRECT_DEBIT_BRI_SNAP' })],
      ['4050500', unbindAccount(stage.merchant, 'junk', { channel: 'EMONEY_DANA_SNAP' })],
      ['4000501', unbindAccount(stage.merchant, 'junk', { channel: 'NOWHERE' })],
      ['4040911', unbindAccount(stage.merchant, account.accessToken, { channel: OVO })],
      ['4000501', unbindAccount(stage.merchant, account.accessToken, { channel: 'NOWHERE' })],
      [
        '4050500',
        unbindAccount(stage.merchant, card.bankCardToken, { channel: 'KARTU_KREDIT_INDONESIA_SNAP' }),
      ],
      ['4050500', unbind(stage.merchant, account.bankCardToken)],
      ['4000502', stage.merchant.call(ACCOUNT_UNBIND_PATH, {})],
    ]
  for (const [code, answer] of refusals) assert.equal((await answer).body.responseCode, code)
  assert.equal(await stateOf(account.referenceNo), 'active')
})

test('a clear no leaves the account as it was, with its tokens', async () => {
  const { accessToken, authCode, referenceNo } = await kept()
  await control(stage, 'next', { case: '40315', match: { operation: 'unbinding' } })
  const { body } = await unbindAccount(stage.merchant, accessToken)
  assert.equal(body.responseCode, '4030515', JSON.stringify(body))
  assert.equal(await stateOf(referenceNo), 'active')
  assert.equal((await redeem(stage.merchant, authCode)).body.responseCode, '2007400')
  assert.equal((await unbindAccount(stage.merchant, accessToken)).body.responseCode, '2000500')
})

test('after a silence nobody pays with the account, and it is forgotten in the end', async () => {
  const { accessToken, authCode, referenceNo } = await kept()
  await control(stage, 'next', { fault: 'drop-after', match: { operation: 'unbinding' } })
  const { status, body } = await unbindAccount(stage.merchant, accessToken)
  assert.deepEqual([status, body.responseCode], [504, '5040500'])
  assert.equal((await redeem(stage.merchant, authCode)).body.responseCode, '4017400')
  await untilStands(stage, referenceNo, 'inactive')
})

test('the same request again is answered to the letter, and of many at once the bank hears one number', async () => {
  const { accessToken, referenceNo } = await kept()
  const externalId = newId()
  const first = await unbindAccount(stage.merchant, accessToken, { externalId })
  const again = await unbindAccount(stage.merchant, accessToken, { externalId })
  assert.deepEqual([again.status, again.text], [409, first.text])
  assert.equal(await stateOf(referenceNo), 'inactive')

  const crowded = await kept()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => unbindAccount(stage.merchant, crowded.accessToken)),
  )
  const codes = new Set(answers.map(({ body }) => body.responseCode))
  assert.ok(
    [...codes].every((code) => ['2000500', '4040511'].includes(code)),
    [...codes].join(),
  )
  const numbers = new Set(answers.map(({ body }) => body.referenceNo).filter(Boolean))
  assert.equal(numbers.size, 1)
  assert.equal(await stateOf(crowded.referenceNo), 'inactive')
})
