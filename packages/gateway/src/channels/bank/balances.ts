import { formatAmount } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Secret } from '../../secret.ts'
import type { Balance, Balances, Declined, Unresolved } from '../channel.ts'
import { order } from '../network/asking.ts'
import type { NetworkClients } from '../network/client.ts'
import { AmountSaid, DONE, declined, parse, ResultCode, unresolved } from '../network/words.ts'

const BALANCES = '/balances'

const BalancesSaid = Compile(
  Type.Object({
    inquiryNo: Type.String(),
    resultCode: ResultCode,
    balances: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.String({ minLength: 1, maxLength: 64, pattern: '^[ -~]+$' }),
          amount: AmountSaid,
          hold: AmountSaid,
        }),
        { maxItems: 20 },
      ),
    ),
  }),
)

type BalanceAnswer =
  | { readonly kind: 'balance'; readonly balances: readonly Balance[] }
  | Declined
  | Unresolved

/** Asking for balances over bank API v1. `newInquiryNo`: a number for each question, which its answer has to repeat. */
export function bankBalances({ inquiries }: NetworkClients, newInquiryNo: () => string): Balances {
  return {
    inquireBalance(account, timeoutMs) {
      const inquiryNo = newInquiryNo()
      const body = balanceMessage({ ...account, inquiryNo })
      return order(inquiries, { path: BALANCES, body }, timeoutMs, (bytes) => readBalances(bytes, inquiryNo))
    },
  }
}

export function balanceMessage({
  inquiryNo,
  merchantId,
  networkToken,
}: {
  readonly inquiryNo: string
  readonly merchantId: string
  readonly networkToken: Secret
}): string {
  return JSON.stringify({ inquiryNo, merchantId, networkToken: networkToken.reveal() })
}

/** What the bank said to this very question, or `unresolved` for whatever is not a clear word on it. */
export function readBalances(bytes: Buffer, inquiryNo: string): BalanceAnswer {
  const message = parse(bytes)
  if (!BalancesSaid.Check(message)) return unresolved('the answer is no balance')
  if (message.inquiryNo !== inquiryNo) return unresolved('the answer is to another question')
  if (message.resultCode !== DONE) return declined(message.resultCode)
  const balances = (message.balances ?? []).map(({ type, amount, hold }) => {
    const [amountMinor, holdMinor] = [minorOf(amount), minorOf(hold)]
    if (amountMinor === undefined || holdMinor === undefined) return undefined
    return { balanceType: type, amountMinor, holdMinor }
  })
  if (message.balances === undefined || balances.some((balance) => balance === undefined)) {
    return unresolved('a balance without its amounts')
  }
  return { kind: 'balance', balances: balances.filter((balance) => balance !== undefined) }
}

/** Of an amount that may be nought, unlike that of a charge. */
function minorOf({ value, currency }: { value: string; currency: string }): bigint | undefined {
  if (currency !== 'IDR' || !/^\d{1,16}\.\d{2}$/.test(value)) return undefined
  const minor = BigInt(value.replace('.', ''))
  return formatAmount(minor) === value ? minor : undefined
}
