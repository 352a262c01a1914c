import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { MAGIC } from '@gerbang/simulator'
import { aBinding, BIND_PATH, H2H, verify } from '../card-customer.ts'
import { unbind } from '../kept-cards.ts'
import { aPayment, CARD, newId, PAYMENT_PATH } from '../merchant.ts'
import { aPaidOne, aRefund, refund } from '../refunding.ts'
import { openStage, type Stage } from '../stage.ts'

const PAGE = new URL('../../../../../docs/reference/cases.md', import.meta.url)
const CHANNEL = 'KARTU_KREDIT_INDONESIA_SNAP'
let stage: Stage
let bankCardToken: string
let paidReference: string
before(async () => {
  stage = await openStage({ env: { GERBANG_UNBINDING_EVERY_MS: '30' } })
  bankCardToken = await keep(CARD)
  paidReference = await aPaidOne(stage.merchant, '100000000.00')
})
after(() => stage.close())

async function keep(chargeToken: string): Promise<string> {
  const body = aPayment({ chargeToken, additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' } })
  assert.equal((await stage.merchant.call(PAYMENT_PATH, body)).body.responseCode, '2005400')
  const status = await stage.merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
  return status.body.additionalInfo.bankCardToken as string
}

type Row = (typeof MAGIC)[number]

interface Column {
  /** The operation, and where its trigger stands. */
  readonly title: string
  readonly trigger: (row: Row) => string
  /** What the partner is answered, or what becomes of it. */
  readonly run: (row: Row) => Promise<string>
}

const codeOf = (answer: { body: { responseCode: string } }) => answer.body.responseCode

const COLUMNS: readonly Column[] = [
  {
    title: 'payment, `otp`',
    trigger: ({ ott }) => ott,
    run: async ({ ott }) => codeOf(await stage.merchant.pay({ otp: ott })),
  },
  {
    title: 'payment with a kept card, `amount`',
    trigger: ({ amount }) => amount,
    run: async ({ amount: value }) => {
      const amount = { value, currency: 'IDR' }
      const body = { partnerReferenceNo: newId(), bankCardToken, amount }
      return codeOf(await stage.merchant.call(PAYMENT_PATH, body))
    },
  },
  {
    title: 'binding, `phoneNo`',
    trigger: ({ phone }) => phone,
    run: async ({ phone }) => codeOf(await begin({ phoneNo: phone })),
  },
  {
    title: 'password of a binding, `otp`',
    trigger: ({ otp }) => otp,
    run: async ({ otp }) => {
      const { body } = await begin({})
      return codeOf(await verify(stage.merchant, body.referenceNo, otp))
    },
  },
  {
    title: 'refund, `refundAmount`',
    trigger: ({ amount }) => amount,
    run: async ({ amount }) => codeOf(await refund(stage.merchant, aRefund(paidReference, amount))),
  },
]

function begin(body: object) {
  const wish = { cardNumber: CARD, body }
  return stage.merchant.call(BIND_PATH, aBinding(stage.merchant, wish), { headers: H2H })
}

function pageOf(answers: ReadonlyMap<string, readonly string[]>): string {
  const head = ['Case', 'Message', ...COLUMNS.map(({ title }) => title)]
  const rows = MAGIC.map((row) => [
    `${row.case.slice(0, 3)}/${row.case.slice(3)}`,
    row.message,
    ...COLUMNS.map(({ trigger }, place) => `\`${trigger(row)}\` → ${answers.get(row.case)?.[place]}`),
  ])
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `# Every case, by a value

What the simulated network answers decides what a partner is answered. Each value below was sent through the public API, and
this is the reply. What is answered 202 succeeds five seconds later. An unbinding is answered 2000500 at once, whatever the network says of
it then; which card numbers make it say what is in the [simulator's page](../../packages/simulator/README.md). Written by
\`GERBANG_WRITE_CASES=1 npm test -- cases\`, and compared by \`npm test\`.

${lines.join('\n')}
`
}

test('each of the 63 cases reaches the partner through every operation that has a trigger, as the page says', async () => {
  assert.equal(MAGIC.length, 63)
  const answers = new Map<string, readonly string[]>()
  for (const row of MAGIC) {
    const codes: string[] = []
    for (const { run } of COLUMNS) codes.push(await run(row))
    answers.set(row.case, codes)
    const replies = COLUMNS.map(({ trigger }, place) => `${trigger(row)} → ${codes[place]}`)
    process.stdout.write(`${row.case}  ${replies.join('  ')}
`)
  }
  for (const [caseCode, codes] of answers)
    for (const code of codes)
      assert.equal(
        `${code.slice(0, 3)}${code.slice(5)}`,
        caseCode,
        `${caseCode} is answered ${codes.join(', ')}`,
      )
  const page = pageOf(answers)
  if (process.env.GERBANG_WRITE_CASES) writeFileSync(PAGE, page)
  assert.ok(existsSync(PAGE))
  assert.equal(page, readFileSync(PAGE, 'utf8'))
})

/** Refused for good, unless here: done, gone already, or for the moment only, so that it is asked again. */
const ENDS: Readonly<Record<string, string>> = {
  20000: 'inactive',
  40411: 'inactive',
  20200: 'unbinding',
  40306: 'unbinding',
  42900: 'unbinding',
  50000: 'unbinding',
  50001: 'unbinding',
  50002: 'unbinding',
  50400: 'unbinding',
}

test('each of the 63 cases decides how an unbinding ends', async () => {
  for (const { case: caseCode } of MAGIC) {
    const merchant = await stage.addMerchant()
    const cardNumber = `9360000240000${caseCode}0`
    const body = aPayment({
      chargeToken: cardNumber,
      additionalInfo: { channel: CHANNEL, isBindAndPay: 'Y' },
    })
    assert.equal((await merchant.call(PAYMENT_PATH, body)).body.responseCode, '2005400', caseCode)
    const status = await merchant.status({ originalPartnerReferenceNo: body.partnerReferenceNo })
    const token = status.body.additionalInfo.bankCardToken as string
    assert.equal((await unbind(merchant, token)).body.responseCode, '2000500')
    const wanted = ENDS[caseCode] ?? 'active'
    const until = Date.now() + 5_000
    for (let state = 'unbinding'; state !== wanted; ) {
      const [row] = await stage.query<{ state: string }>(
        'select state from card_tokens where bank_card_token = $1',
        [token],
      )
      state = row?.state ?? ''
      assert.ok(Date.now() < until, `${caseCode} leaves the card ${state}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
})
