import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { settleBind } from '../../src/binding/settle.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { Secret } from '../../src/secret.ts'
import { bind, bound, codeOf, newCard, rowOf, verify } from '../card-customer.ts'
import { unbind, untilEnded } from '../kept-cards.ts'
import { aPayment, type Merchant, newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
let stage: Stage
before(async () => {
  // What is to be forgotten waits for a process that a test opens.
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '3600000' } })
})
after(() => stage.close())

/** Binds the card for a customer and returns its token. */
async function keptFor(merchant: Merchant, cardNumber: string, custIdMerchant: string): Promise<string> {
  const answer = await bind(merchant, { cardNumber, custIdMerchant })
  assert.equal(answer.body.responseCode, '2000100', answer.text)
  const { referenceNo } = answer.body
  assert.equal((await verify(merchant, referenceNo, await codeOf(stage, referenceNo))).status, 200)
  return (await rowOf(stage, referenceNo)).bank_card_token ?? ''
}

function payWith(merchant: Merchant, bankCardToken: string) {
  const amount = { value: '10000.00', currency: 'IDR' }
  return merchant.call(PAYMENT_PATH, { partnerReferenceNo: `INV-${newId()}`, bankCardToken, amount })
}

/** Pays with the number and lets the card be kept. */
async function payAndKeep(merchant: Merchant, chargeToken: string) {
  const body = aPayment({ chargeToken, additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  assert.equal((await merchant.call(PAYMENT_PATH, body)).body.responseCode, '2005400')
  return merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
}

interface KeptLine {
  readonly y: string
  readonly networkToken: string
  readonly merchantId: string
  readonly verdict?: { readonly status: string }
}

/** The network's tokens for the merchant, and those of them that it has been told to forget and has forgotten. */
async function tokensAtNetwork({ keys }: Merchant) {
  const text = await readFile(stage.simulator.ledgerPath, 'utf8')
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as KeptLine)
  const own = (kind: string) =>
    lines.filter(({ y, merchantId }) => y === kind && merchantId === keys.partnerId)
  const isApproved = ({ verdict }: KeptLine) => verdict?.status === 'approved'
  const namesOf = (kept: readonly KeptLine[]) => [...new Set(kept.map(({ networkToken }) => networkToken))]
  return { given: namesOf(own('token')), forgotten: namesOf(own('unbinding').filter(isApproved)) }
}

async function untilForgotten(merchant: Merchant, count: number) {
  for (const until = Date.now() + 10_000; ; await wait(30)) {
    await stage.query('update surplus_tokens set due_at = wanted_at where due_at > wanted_at and tries = 0')
    const tokens = await tokensAtNetwork(merchant)
    if (tokens.forgotten.length >= count || Date.now() > until) return tokens
  }
}

const openWorker = (env: Record<string, string> = {}) =>
  stage.openAnother({}, { GERBANG_UNBINDING_EVERY_MS: '20', ...env })

test('a card that several customers bind, and that is paid with and left at once, leaves no token at the network', async () => {
  const merchant = await stage.addMerchant()
  const cardNumber = await newCard(stage)
  const token = await keptFor(merchant, cardNumber, 'CUST1')
  assert.equal(await keptFor(merchant, cardNumber, 'CUST2'), token)
  assert.equal((await payAndKeep(merchant, cardNumber)).body.additionalInfo.bankCardToken, token)
  assert.equal((await unbind(merchant, token)).status, 200)
  const late = await payAndKeep(merchant, cardNumber)
  assert.equal(late.body.latestTransactionStatus, '00')
  assert.equal(late.body.additionalInfo.bindStatus, 'FAILED')
  assert.deepEqual((await tokensAtNetwork(merchant)).forgotten, [])
  const { gateway } = await openWorker()
  const { given, forgotten } = await untilForgotten(merchant, 4)
  assert.equal(given.length, 4)
  assert.deepEqual([...forgotten].sort(), [...given].sort())
  assert.equal((await untilEnded(stage, token)).card, 'inactive')
  await gateway.close()
})

test('a card that another customer binds is paid with, and has one token at the network', async () => {
  const merchant = await stage.addMerchant()
  const cardNumber = await newCard(stage)
  const { gateway } = await openWorker()
  const token = await keptFor(merchant, cardNumber, 'CUST1')
  await keptFor(merchant, cardNumber, 'CUST2')
  const { given, forgotten } = await untilForgotten(merchant, 1)
  assert.deepEqual(forgotten, given.slice(0, 1))
  assert.equal((await payWith(merchant, token)).body.responseCode, '2005400')
  await gateway.close()
})

test('a binding that was lost and is bound at the network all the same leaves no token there', async () => {
  const { referenceNo } = await bound(stage)
  const { partnerId } = stage.merchant.keys
  await stage.query(
    `update bindings set state = 'cancelled', card_sealed = null, due_at = null, settled_at = now() where reference_no = $1`,
    [referenceNo],
  )
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 5_000 })
  const vault = openConfiguredVault(stage.config)
  const networkToken = new Secret(`NT-${newId()}`)
  const answer = { kind: 'bound', networkReferenceNo: 'B1', networkCode: '00', networkToken } as const
  const deps = {
    clock: { now: Date.now, sleep: async () => {} },
    vault,
    channels: [],
    transaction: database.transaction,
    pageUrl: () => '',
    firstInquiryMs: 1,
    sessionMs: 1,
  }
  for (let time = 0; time < 2; time++) {
    const settled = await settleBind(deps, { partnerId, referenceNo }, answer)
    assert.equal((settled.fault as Error).name, 'Contradiction')
  }
  await database.close()
  const rows = await stage.query<{ token_sealed: string; surplus_no: string; bank_card_token: null }>(
    'select surplus_no, token_sealed, bank_card_token from surplus_tokens where partner_id = $1',
    [partnerId],
  )
  assert.deepEqual(
    rows.map(({ surplus_no, token_sealed }) =>
      vault.open(token_sealed, `${partnerId}|${surplus_no}|surplus-token`),
    ),
    [networkToken.reveal()],
  )
})

test('a token that the network refuses to forget is told as an error and counted', async () => {
  const merchant = await stage.addMerchant()
  const cardNumber = await newCard(stage)
  const { gateway } = await openWorker()
  await keptFor(merchant, cardNumber, 'UNBINDFAIL1')
  await keptFor(merchant, cardNumber, 'CUST2')
  const lineOf = () =>
    stage.logged.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'surplus token still kept')
  for (const until = Date.now() + 10_000; lineOf() === undefined && Date.now() < until; await wait(30))
    await stage.query('update surplus_tokens set due_at = wanted_at where due_at > wanted_at and tries = 0')
  const { level, partner, reason } = lineOf()
  assert.deepEqual([level, partner, reason], [50, merchant.keys.partnerId, 'refused'])
  const metrics = await gateway.metrics.registry.metrics()
  assert.match(metrics, /^gerbang_surplus_tokens_kept_total 1$/m)
  await gateway.close()
})
