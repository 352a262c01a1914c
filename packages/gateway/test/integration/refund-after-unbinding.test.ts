import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { ACCOUNT_CHANNELS, keptAccount, OVO, unbindAccount } from '../account-customer.ts'
import { rowOf, untilStands } from '../card-customer.ts'
import { redeem } from '../customer.ts'
import { control } from '../fault/books.ts'
import { SetClock } from '../fault/process-alike.ts'
import { aDebit, CANCEL_PATH, REFUND_PATH } from '../kept-accounts.ts'
import { PAYMENT_PATH } from '../merchant.ts'
import { aPaidOne } from '../refunding.ts'
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
    },
  })
})
after(() => stage.close())

async function tokenOf(authCode: string, merchant = stage.merchant): Promise<string> {
  return (await redeem(merchant, authCode)).body.accessToken
}

/** An account that has paid, and the token with which it did. */
async function paidOne(merchant = stage.merchant) {
  const account = await keptAccount(stage, { channel: OVO }, merchant)
  const token = await tokenOf(account.authCode, merchant)
  const body = aDebit(OVO, { payOptionDetails: [{ payMethod: 'CASH' }] }, { paymentType: 'RECURRING' })
  const paid = await merchant.call(PAYMENT_PATH, body, withToken(token))
  assert.equal(paid.body.responseCode, '2005400', paid.text)
  return { ...account, token, partnerReferenceNo: body.partnerReferenceNo }
}

function withToken(token: string | undefined) {
  return { headers: { 'Authorization-Customer': token, 'X-IP-ADDRESS': '203.0.113.7' } }
}

async function giveBack(partnerReferenceNo: string, token: string | undefined, merchant = stage.merchant) {
  const body = {
    originalPartnerReferenceNo: partnerReferenceNo,
    partnerRefundNo: String(randomInt(1e11, 9e11)),
    refundAmount: { value: '1000.00', currency: 'IDR' },
  }
  return (await merchant.call(REFUND_PATH, body, withToken(token))).body.responseCode
}

async function leave(account: { readonly token: string }, merchant = stage.merchant) {
  const { body } = await unbindAccount(merchant, account.token, { channel: OVO })
  assert.equal(body.responseCode, '2000900')
}

test('who has left gets the money back with the token of the time before, also an expired one', async () => {
  const account = await paidOne()
  await leave(account)
  assert.equal(await giveBack(account.partnerReferenceNo, account.token), '2000700')
  assert.equal(await giveBack(account.partnerReferenceNo, `Bearer ${account.token}`), '2000700')
  assert.equal(await giveBack(account.partnerReferenceNo, undefined), '2000700')
  clock.jump(7_200_000)
  assert.equal(await giveBack(account.partnerReferenceNo, account.token), '2000700')
})

test('who is leaving and has not been let go yet, too', async () => {
  const account = await paidOne()
  await control(stage, 'next', { fault: 'drop-before', match: { operation: 'unbinding' } })
  await unbindAccount(stage.merchant, account.token, { channel: OVO })
  assert.equal((await rowOf(stage, account.referenceNo)).state, 'unbinding')
  assert.equal(await giveBack(account.partnerReferenceNo, account.token), '2000700')
  await untilStands(stage, account.referenceNo, 'inactive')
})

test('a token of another account, of another partner or of nobody gives nothing back', async () => {
  const account = await paidOne()
  const other = await paidOne()
  const stranger = await stage.addMerchant()
  const theirs = await paidOne(stranger)
  const refused = async (token: string, reference = account.partnerReferenceNo) =>
    assert.equal(await giveBack(reference, token), '4010702')
  await leave(other)
  await refused(other.token)
  await leave(account)
  await refused(other.token)
  await leave(theirs, stranger)
  await refused(theirs.token)
  await refused(account.token, await aPaidOne(stage.merchant))
  await refused(account.token, 'NOBODYS')
  const { authCode } = await paidOne()
  assert.equal(await giveBack(account.partnerReferenceNo, await tokenOf(authCode)), '4040718')
})

test('of an account that is kept the expired token is refused as ever', async () => {
  const account = await paidOne()
  clock.jump(7_200_000)
  assert.equal(await giveBack(account.partnerReferenceNo, account.token), '4010702')
  const fresh = await tokenOf(account.authCode)
  assert.equal(await giveBack(account.partnerReferenceNo, fresh), '2000700')
})

test('what is no refund is refused with the token of the time before', async () => {
  const account = await paidOne()
  await leave(account)
  const body = aDebit(OVO, { payOptionDetails: [{ payMethod: 'CASH' }] }, { paymentType: 'RECURRING' })
  const paid = await stage.merchant.call(PAYMENT_PATH, body, withToken(account.token))
  assert.equal(paid.body.responseCode, '4015402')
  const names = { originalPartnerReferenceNo: account.partnerReferenceNo }
  const off = await stage.merchant.call(CANCEL_PATH, names, withToken(account.token))
  assert.equal(off.body.responseCode, '4015702')
})
