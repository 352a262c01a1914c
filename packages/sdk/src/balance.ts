import { amountMember, objectMember, textMember } from './answers.ts'
import type { AccountChannel } from './channels.ts'
import { customerHeader, deviceHeaders } from './headers.ts'
import { type Operation, type Replied, replied } from './operation.ts'

const PATH = '/direct-debit/core/v1/balance-inquiry'

export interface BalanceQuestion {
  readonly channel: AccountChannel
  /** Of `customerToken()`. */
  readonly customerToken: string
  /** The customer's, where the channel asks for it. */
  readonly ipAddress?: string
  readonly externalId?: string
}

export interface Balance {
  /** `CASH`, `POINT` …, in the channel's words. */
  readonly balanceType: string | undefined
  /** Rupiah with two decimals. */
  readonly amount: string | undefined
  readonly holdAmount: string | undefined
}

export interface BalanceResult extends Replied {
  readonly balances: readonly Balance[]
}

/** @throws ValidationError that names the field, never its value. */
export function balance(question: BalanceQuestion): Operation<BalanceResult> {
  const { channel, customerToken, ipAddress } = question
  return {
    path: PATH,
    subject: 'account',
    headers: { ...deviceHeaders({ ipAddress }), ...customerHeader(customerToken) },
    externalId: question.externalId,
    body: { additionalInfo: { channel } },
    read: (answer, externalId) => ({
      balances: readBalances(answer.body.accountInfos),
      ...replied(answer, externalId),
    }),
  }
}

function readBalances(infos: unknown): Balance[] {
  if (!Array.isArray(infos)) return []
  return infos.map((line: unknown) => {
    const info = objectMember({ line }, 'line')
    return {
      balanceType: textMember(info, 'balanceType'),
      amount: amountMember(info, 'amount'),
      holdAmount: amountMember(info, 'holdAmount'),
    }
  })
}
