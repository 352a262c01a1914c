import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { bind, codeOf, H2H, newCard, verify } from '../card-customer.ts'
import { unbind } from '../kept-cards.ts'
import { type Answer, aPayment, newId, PAYMENT_PATH } from '../merchant.ts'
import { assertRefundBooks, readRefunds, untilRefundsAreFinal } from '../refund-books.ts'
import { aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertBooksAgree, type Told, untilAllAreFinal } from './books.ts'
import { assertCardBooks, untilCardsRest } from './card-books.ts'
import { type OwnServer, openServer } from './own-server.ts'

const LIMIT_MS = '2000'
const CLIENTS = 12
const KILLS = 2
const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
const amount = { value: '10000.00', currency: 'IDR' }

let server: OwnServer
let stage: Stage
let urls: readonly string[]
let cards: readonly string[]
before(async () => {
  server = await openServer()
  stage = await openStage({
    adminUrl: server.url,
    env: {
      GERBANG_CLAIM_TIMEOUT_MS: LIMIT_MS,
      GERBANG_SETTLE_TIMEOUT_MS: LIMIT_MS,
      GERBANG_QUERY_TIMEOUT_MS: LIMIT_MS,
      GERBANG_INQUIRY_TIMEOUT_MS: '1000',
      GERBANG_LONGEST_PAUSE_MS: '500',
      GERBANG_UNBINDING_EVERY_MS: '50',
      GERBANG_UNBINDING_FIRST_PAUSE_MS: '200',
    },
  })
  urls = [stage.url, (await stage.openAnother()).url]
  cards = await Promise.all(Array.from({ length: 3 }, () => newCard(stage)))
  await stage.merchant.token()
})
after(async () => {
  await stage.close()
  await server.close()
})

const told: Told[] = []
const paid: string[] = []
let tokens: readonly string[] = []

function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items[randomInt(Math.max(1, items.length))]
}

const at = () => ({ baseUrl: String(oneOf(urls)) })
const unlessCut = (answer: Promise<Answer>) => answer.catch(() => undefined)

async function pay(body: { partnerReferenceNo: string }): Promise<void> {
  const externalId = newId()
  const answer = await unlessCut(stage.merchant.call(PAYMENT_PATH, body, { externalId, ...at() }))
  if (answer !== undefined) told.push({ externalId, answer })
  if (answer?.status === 200) paid.push(body.partnerReferenceNo)
}

/** What a merchant does, each as often as it stands here. */
const DEEDS: readonly (() => Promise<unknown>)[] = [
  () => pay(aPayment()),
  payAndKeep,
  payAndKeep,
  payWithToken,
  payWithToken,
  giveBack,
  giveBack,
  bindCard,
  async () => {
    const token = oneOf(tokens)
    if (token !== undefined && randomInt(3) === 0) await unlessCut(unbind(stage.merchant, token, at()))
  },
]

/** A cardholder who confirms at once, one who does so later, and a network that keeps silent first. */
function payAndKeep(): Promise<void> {
  const otp = oneOf(['12345678', '12345678', '10000001', '40000001'])
  return pay(
    aPayment({ otp, chargeToken: oneOf(cards), additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } }),
  )
}

async function payWithToken(): Promise<void> {
  const bankCardToken = oneOf(tokens)
  const body = { partnerReferenceNo: `INV-${newId()}`, bankCardToken, amount }
  if (bankCardToken !== undefined) await pay(body)
}

async function giveBack(): Promise<void> {
  const payment = oneOf(paid)
  if (payment !== undefined) await unlessCut(refund(stage.merchant, aRefund(payment, '6000.00'), at()))
}

async function bindCard(): Promise<void> {
  const answer = await unlessCut(
    bind(stage.merchant, { cardNumber: String(oneOf(cards)) }, { headers: H2H, ...at() }),
  )
  if (answer?.status !== 200) return
  const { referenceNo } = answer.body
  await unlessCut(verify(stage.merchant, referenceNo, await codeOf(stage, referenceNo), at()))
}

/** Keeps clients busy, and `tokens` up to date, until the work is done. */
async function underLoad(work: () => Promise<void>): Promise<void> {
  let isEnding = false
  const client = async () => {
    while (!isEnding) await oneOf(DEEDS)?.()
  }
  const lookAround = async () => {
    for (; !isEnding; await wait(50))
      tokens = await stage
        .query<{ token: string }>(`select bank_card_token token from card_tokens where state <> 'inactive'`)
        .then((rows) => rows.map(({ token }) => token))
        .catch(() => [])
  }
  const everybody = [...Array.from({ length: CLIENTS }, client), lookAround()]
  await work().finally(() => {
    isEnding = true
  })
  await Promise.all(everybody)
}

test('a database that is killed amid payments, kept cards, bindings, unbindings and refunds of the same cards leaves one story', async () => {
  await underLoad(async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      await wait(2_000 + randomInt(1_000))
      await server.kill()
      await server.start()
    }
    await wait(2_000)
  })
  await untilAllAreFinal(stage)
  await untilRefundsAreFinal(stage)
  await untilCardsRest(stage)
  await assertBooksAgree(stage, told)
  await assertRefundBooks(stage)
  await assertCardBooks(stage)
  const theirs = (await readRefunds(stage)).filter(({ status }) => status === 'approved')
  const ours = await stage.query<{ no: string }>(`select refund_no no from refunds where state = 'refunded'`)
  assert.deepEqual(ours.map(({ no }) => no).sort(), theirs.map(({ referenceNo }) => referenceNo).sort())
  const [happened] = await stage.query<Record<string, number>>(
    `select count(*) filter (where bind_state = 'bound')::int kept, count(*) filter (where variant = 'V3')::int charged,
            (select count(*)::int from unbindings) unbound, (select count(*)::int from refunds) refunded from payments`,
  )
  for (const [what, count] of Object.entries(happened ?? {})) assert.ok(count > 0, `${what}: ${count}`)
})
