import type { Options } from './config.ts'
import { CHANNEL, ONE_TIME_TOKEN, type Source } from './merchant.ts'
import { printRefusals } from './report.ts'
import type { Figures, Rounds } from './round.ts'
import type { Stage } from './stage.ts'
import { spreadOf } from './statistics.ts'
import { figure, tableOf } from './table.ts'

const CARDS = 500
const SLOW_DOWN_LIMIT = 0.2

/**
 * Payments with kept cards beside those with a card number, in alternating rounds on the same tables. The cards are many, as
 * they are in life: hardly one is charged twice in a row.
 */
export async function studyVariants(stage: Stage, rounds: Rounds, options: Options): Promise<void> {
  const cards = await openAccounts(stage)
  console.error(`kept cards: ${CARDS}`)
  await rounds.measureOurs(options.connections, cards.map(keeping))
  const { rows } = await stage.database.query<{ bank_card_token: string }>(
    `select bank_card_token from card_tokens where partner_id = $1 and state = 'active'`,
    [stage.merchant.partnerId],
  )
  const tokens = rows.map((row) => row.bank_card_token)
  const kinds: readonly (readonly [string, readonly Source[]])[] = [
    [
      'V1 card number',
      cards.map((chargeToken) => ({ chargeToken, otp: ONE_TIME_TOKEN, additionalInfo: INFO })),
    ],
    ['V3 kept card', tokens.map((bankCardToken) => ({ bankCardToken, additionalInfo: INFO }))],
    ['V4 recurring', tokens.map((bankCardToken) => ({ bankCardToken, additionalInfo: RECURRING }))],
  ]
  const measured = kinds.map(([name]): [string, Figures[]] => [name, []])
  for (let count = 0; count < options.rounds; count++)
    for (const [place, [, sources]] of kinds.entries())
      measured[place]?.[1].push(await rounds.measureOurs(options.connections, sources))
  printVariants(measured, tokens.length)
}

const INFO = { channel: CHANNEL }
const RECURRING = { ...INFO, paymentType: 'RECURRING' }

function keeping(chargeToken: string): Source {
  return { chargeToken, otp: ONE_TIME_TOKEN, additionalInfo: { ...INFO, isBindAndPay: 'Y' } }
}

/** Accounts without a limit, added to those that the simulator has. */
async function openAccounts(stage: Stage): Promise<readonly string[]> {
  const url = `${stage.simulator.ready.url}/_sim/accounts`
  const numbers = Array.from({ length: CARDS }, (_, index) => `936000022${String(index).padStart(10, '0')}`)
  const known = (await (await fetch(url)).json()) as object[]
  const added = numbers.map((cardNumber, index) => ({ id: `bench-${index}`, cardNumber, limit: null }))
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify([...known, ...added]) })
  if (!response.ok) throw new Error(`the simulator took no accounts: HTTP ${response.status}`)
  return numbers
}

const COLUMNS: readonly [string, number, (figures: Figures) => number][] = [
  ['payments/s', 0, (figures) => figures.paymentsPerSecond],
  ['p50 ms', 1, (figures) => figures.p50Ms],
  ['p99 ms', 1, (figures) => figures.p99Ms],
  ['gateway CPU ms', 3, (figures) => figures.gatewayCpuMs],
  ['PostgreSQL CPU ms', 3, (figures) => figures.postgresCpuMs],
]

function printVariants(measured: readonly (readonly [string, readonly Figures[]])[], tokens: number): void {
  const rows = measured.map(([name, figures]) => [
    name,
    ...COLUMNS.map(([, digits, value]) => figure(spreadOf(figures.map(value)).median, digits)),
  ])
  console.log(`\n${tableOf([`payments, ${tokens} kept cards`, ...COLUMNS.map(([title]) => title)], rows)}`)
  printRefusals(measured.flatMap(([, figures]) => figures))
  const rates = measured.map(([, figures]) => spreadOf(figures.map((one) => one.paymentsPerSecond)).median)
  const [card = Number.NaN, ...kept] = rates
  for (const [place, rate] of kept.entries()) {
    const slower = 1 - rate / card
    const words = slower <= SLOW_DOWN_LIMIT ? 'met' : 'missed'
    console.log(
      `${measured[place + 1]?.[0]}: ${figure(slower * 100, 0)} % slower than V1 (target at most ${SLOW_DOWN_LIMIT * 100} %: ${words})`,
    )
  }
}
