import type { Accounts, NamedAccount } from './cards.ts'
import type { ChargeBody } from './contract.ts'
import { maskCard } from './entry.ts'
import { type CardPattern, patternOfCard } from './nines.ts'
import { decline, type Plan } from './plan.ts'
import type { NetworkToken } from './record.ts'
import type { Tokens } from './tokens.ts'

/** Whose card it is: given by its number, or by a token. */
export interface Payer {
  /** Undefined for a token whose card is none of the accounts. */
  readonly cardNumber: string | undefined
  readonly maskedCard: string
  readonly account: NamedAccount | undefined
  readonly pattern: CardPattern | undefined
  /** Whether it is a token: then the issuer was asked when it was made. */
  readonly isToken: boolean
  /** Of a token that is dead, or was never the merchant's. */
  readonly refusal: Plan | undefined
}

export function payerOfCard(accounts: Accounts, cardNumber: string): Payer {
  return {
    cardNumber,
    maskedCard: maskCard(cardNumber),
    account: accounts.find(cardNumber),
    pattern: patternOfCard(cardNumber),
    isToken: false,
    refusal: undefined,
  }
}

export function payerOf(accounts: Accounts, tokens: Tokens, body: ChargeBody): Payer {
  if (body.cardNumber !== undefined) return payerOfCard(accounts, body.cardNumber)
  const token = tokens.find(body.networkToken, body.merchantId)
  return payerOfToken(accounts, token, token && tokens.isDead(token))
}

function payerOfToken(
  accounts: Accounts,
  token: NetworkToken | undefined,
  isDead: boolean | undefined,
): Payer {
  const account = token && accounts.byId(token.accountId)
  const refused = isDead ? decline('40318') : undefined
  return {
    cardNumber: account?.cardNumber,
    maskedCard: token?.maskedCard ?? '',
    account,
    pattern: token?.pattern,
    isToken: true,
    refusal: token ? refused : decline('40411'),
  }
}
