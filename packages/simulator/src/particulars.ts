import type { ChargeBody } from './contract.ts'
import type { Particulars } from './entry.ts'
import { refusesLinking } from './one-time-token.ts'
import type { Payer } from './payer.ts'
import type { Tokens } from './tokens.ts'

/** What is special about a charge that may yet be approved, or is; undefined when nothing is. */
export function particularsOf(tokens: Tokens, body: ChargeBody, payer: Payer): Particulars | undefined {
  const refundPattern = payer.pattern?.step === '3' ? payer.pattern : undefined
  if (body.tokenise !== true) return refundPattern && { refundPattern }
  return { linking: linkingOf(tokens, body, payer), ...(refundPattern ? { refundPattern } : {}) }
}

/** A token exists before the charge is approved, and nobody is told of it before. */
function linkingOf(tokens: Tokens, { merchantId, oneTimeToken }: ChargeBody, payer: Payer): string {
  if (refusesLinking(oneTimeToken ?? '')) return ''
  const { maskedCard, pattern, account } = payer
  return tokens.issue({ merchantId, customerId: '', accountId: account?.id ?? '', maskedCard, pattern })
    .networkToken
}
