import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { keepCard } from '../../src/card-token/card-token.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { Secret } from '../../src/secret.ts'
import { unbind, untilEnded } from '../kept-cards.ts'
import { aPayment, CARD, type Merchant, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '20' } })
})
after(() => stage.close())

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const amount = { value: '10000.00', currency: 'IDR' }

async function keptCard(merchant: Merchant): Promise<string> {
  const body = aPayment({ additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  assert.equal((await merchant.call(PAYMENT_PATH, body)).body.responseCode, '2005400')
  const status = await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  return status.body.additionalInfo.bankCardToken as string
}

function withToken(bankCardToken: string, changes: object = {}) {
  return { partnerReferenceNo: `INV-${newId()}`, bankCardToken, amount, ...changes }
}

test('who asks anew for a payment that was made hears that it was, also when its card has been forgotten since', async () => {
  const merchant = await stage.addMerchant()
  const bankCardToken = await keptCard(merchant)
  const body = withToken(bankCardToken)
  const ask = async (changes: object = {}) =>
    (await merchant.call(PAYMENT_PATH, { ...body, ...changes })).body.responseCode
  assert.equal(await ask(), '2005400')
  assert.equal((await unbind(merchant, bankCardToken)).status, 200)
  assert.equal(await ask(), '4095401', 'while the card is being forgotten')
  assert.equal((await untilEnded(stage, bankCardToken)).card, 'inactive')
  assert.equal(await ask(), '4095401', 'after it')
  assert.equal(await ask({ amount: { ...amount, value: '10001.00' } }), '4045418', 'another amount')
  assert.equal(await ask({ chargeToken: '9360000200000200001' }), '4045418', 'another card')
  assert.equal(await ask({ partnerReferenceNo: `INV-${newId()}` }), '4035418', 'another payment')
})

test('a card that is being kept anew is paid with meanwhile', async () => {
  const merchant = await stage.addMerchant()
  const bankCardToken = await keptCard(merchant)
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 10_000 })
  const [cardNumber, networkToken] = [new Secret(CARD), new Secret('NT-0123456789abcdef')]
  const card = {
    partnerId: merchant.keys.partnerId,
    channel: CHANNEL,
    cardNumber,
    networkToken,
    at: Date.now(),
  }
  try {
    const codes = await database.transaction(async (sql) => {
      assert.equal(await keepCard(sql, openConfiguredVault(stage.config), card), bankCardToken)
      const bodies = [withToken(bankCardToken), aPayment(), withToken(bankCardToken)]
      const answers = await Promise.all(bodies.map((body) => merchant.call(PAYMENT_PATH, body)))
      return answers.map(({ body }) => body.responseCode)
    })
    assert.deepEqual(codes, ['2005400', '2005400', '2005400'])
  } finally {
    await database.close()
  }
})

test('a payment whose card is kept already, under a key that the vault has lost, is paid all the same', async () => {
  const merchant = await stage.addMerchant()
  const bankCardToken = await keptCard(merchant)
  await stage.query(
    `update card_tokens set data_key_sealed = 'lost' || substr(data_key_sealed, 3) where bank_card_token = $1`,
    [bankCardToken],
  )
  const body = aPayment({ additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  assert.equal((await merchant.call(PAYMENT_PATH, body)).body.responseCode, '2005400')
  const status = await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  assert.equal(status.body.latestTransactionStatus, '00')
  assert.equal(status.body.additionalInfo.bindStatus, 'FAILED')
  const line = stage.logged.find((text) => text.includes(body.partnerReferenceNo))
  assert.match(line ?? '', /"fault":\{"name":"CardUnreadable"/)
})
