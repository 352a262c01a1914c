import type { Options } from './config.ts'
import { type Kind, measureInTurn, printKinds, slowDowns } from './kinds.ts'
import { CHANNEL, ONE_TIME_TOKEN, type Source } from './merchant.ts'
import type { Rounds } from './round.ts'
import type { Stage } from './stage.ts'
import { figure } from './table.ts'

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
  const kinds: readonly Kind[] = [
    {
      name: 'V1 card number',
      sources: cards.map((chargeToken) =>
        sourceOf({ chargeToken, otp: ONE_TIME_TOKEN, additionalInfo: INFO }),
      ),
    },
    {
      name: 'V3 kept card',
      sources: tokens.map((bankCardToken) => sourceOf({ bankCardToken, additionalInfo: INFO })),
    },
    {
      name: 'V4 recurring',
      sources: tokens.map((bankCardToken) => sourceOf({ bankCardToken, additionalInfo: RECURRING })),
    },
  ]
  const measured = await measureInTurn(rounds, options, kinds)
  printKinds(`payments, ${tokens.length} kept cards`, measured)
  for (const { name, share } of slowDowns(measured)) {
    const words = share <= SLOW_DOWN_LIMIT ? 'met' : 'missed'
    console.log(
      `${name}: ${figure(share * 100, 0)} % slower than V1 (target at most ${SLOW_DOWN_LIMIT * 100} %: ${words})`,
    )
  }
}

const INFO = { channel: CHANNEL }
const RECURRING = { ...INFO, paymentType: 'RECURRING' }

function sourceOf(members: Source['members']): Source {
  return { members }
}

function keeping(chargeToken: string): Source {
  return sourceOf({ chargeToken, otp: ONE_TIME_TOKEN, additionalInfo: { ...INFO, isBindAndPay: 'Y' } })
}

/** Accounts without a limit, added to those that the simulator has. */
async function openAccounts(stage: Stage): Promise<readonly string[]> {
  const url = `${stage.simulator.ready.url}/_sim/accounts`
  const numbers = Array.from({ length: CARDS }, (_, index) => `9360000225${String(index).padStart(9, '0')}`)
  const known = (await (await fetch(url)).json()) as object[]
  const added = numbers.map((cardNumber, index) => ({ id: `bench-${index}`, cardNumber, limit: null }))
  const response = await fetch(url, { method: 'PUT', body: JSON.stringify([...known, ...added]) })
  if (!response.ok) throw new Error(`the simulator took no accounts: HTTP ${response.status}`)
  return numbers
}
