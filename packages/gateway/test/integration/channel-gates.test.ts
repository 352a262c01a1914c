import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { unbindAccount } from '../account-customer.ts'
import { type AdminStage, openAdminStage } from '../admin.ts'
import { aDebit, CIMB, debit, H2H, type KeptAccount, keepAccount, OTP } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'

const KKI = 'KARTU_KREDIT_INDONESIA_SNAP'
const ALLO = 'DIRECT_DEBIT_ALLO_SNAP'
const VERIFICATION_PATH = '/direct-debit/core/v1/otp-verification'
const BALANCE_PATH = '/direct-debit/core/v1/balance-inquiry'

let stage: AdminStage
let cimb: KeptAccount
let allo: KeptAccount
before(async () => {
  stage = await openAdminStage({ env: { GERBANG_CHANNELS: 'kki,cimb,allo' } })
  cimb = await keepAccount(stage, 'cimb')
  allo = await keepAccount(stage, 'allo')
})
after(() => stage.close())

async function turn(channel: string, isOn: boolean): Promise<void> {
  const { partnerId } = stage.merchant.keys
  const answer = await stage.ask(`PUT /partners/${partnerId}/channels/${channel}`, { body: { isOn } })
  assert.equal(answer.status, 200, answer.text)
  await new Promise((resolve) => setTimeout(resolve, 20))
}

/** A code for a payment, or the wish for a balance, that names no channel. */
const verifyUnnamed = (originalPartnerReferenceNo: unknown) =>
  stage.merchant.call(
    VERIFICATION_PATH,
    { originalPartnerReferenceNo, otp: OTP, type: 'PAYMENT' },
    { headers: cimb.headers, externalId: newId() },
  )
const balance = () => stage.merchant.call(BALANCE_PATH, {}, { headers: allo.headers })

async function waitingPayment(): Promise<unknown> {
  const body = aDebit(CIMB)
  const asked = await debit(stage, cimb, body, { headers: H2H })
  assert.equal(asked.body.responseCode, '2025400', asked.text)
  return body.partnerReferenceNo
}

test('a channel that is off stops nothing of another one that the request does not name', async (t) => {
  t.after(() => turn(KKI, true))
  const reference = await waitingPayment()
  await turn(KKI, false)
  assert.equal((await balance()).body.responseCode, '2001100')
  const verified = await verifyUnnamed(reference)
  assert.equal(verified.body.responseCode, '2000400', verified.text)
})

test('leaving its name out leads to no channel that is off', async (t) => {
  t.after(() => Promise.all([CIMB, ALLO].map((channel) => turn(channel, true))))
  const reference = await waitingPayment()
  await turn(CIMB, false)
  await turn(ALLO, false)
  assert.equal((await balance()).body.responseCode, '4031101')
  const refused = await verifyUnnamed(reference)
  assert.equal(refused.status, 403, refused.text)
  assert.equal(refused.body.responseMessage, 'Feature Not Allowed Channel is off')
  await turn(CIMB, true)
  assert.equal((await verifyUnnamed(reference)).body.responseCode, '2000400', 'nothing was used up')
})

test('an account is let go with its customer’s code while its channel is off', async (t) => {
  t.after(() => turn(CIMB, true))
  const account = await keepAccount(stage, 'cimb')
  await turn(CIMB, false)
  const asked = await unbindAccount(stage.merchant, account.customerToken, { headers: H2H })
  assert.equal(asked.body.responseCode, '2020500', asked.text)
  const confirmed = await stage.merchant.call(VERIFICATION_PATH, {
    otp: OTP,
    action: 'otpUnbinding',
    additionalInfo: { channel: CIMB, bankCardToken: account.customerToken },
  })
  assert.equal(confirmed.body.responseCode, '2000400', confirmed.text)
})
