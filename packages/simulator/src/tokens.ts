import { randomBytes } from 'node:crypto'
import type { Ledger } from './ledger.ts'
import type { CardPattern } from './nines.ts'
import type { NetworkToken } from './record.ts'
import { verdictAt } from './verdict.ts'

export interface Tokens {
  /** Makes a token of the payer's card for one merchant. */
  issue(owner: TokenOwner): NetworkToken
  /** Undefined for a token that is unknown, or another merchant's. */
  find(networkToken: string, merchantId: string): NetworkToken | undefined
  /** Whether an unbinding has ended it. */
  isDead(token: NetworkToken): boolean
}

interface TokenOwner {
  readonly maskedCard: string
  readonly pattern?: CardPattern | undefined
  readonly merchantId: string
  readonly customerId: string
  readonly accountId: string
}

export function openTokens(ledger: Ledger, now: () => number): Tokens {
  return {
    issue({ merchantId, customerId, accountId, maskedCard, pattern }) {
      const token: NetworkToken = {
        networkToken: `kkit${randomBytes(16).toString('hex')}`,
        merchantId,
        customerId,
        maskedCard,
        accountId,
        ...(pattern ? { pattern } : {}),
        at: now(),
        unbindings: [],
      }
      ledger.keep('token', token)
      return token
    },
    find(networkToken, merchantId) {
      const token = ledger.kept.token.get(networkToken)
      return token?.merchantId === merchantId ? token : undefined
    },
    isDead: ({ unbindings }) =>
      unbindings.some((referenceNo) => {
        const unbinding = ledger.kept.unbinding.get(referenceNo)
        return unbinding !== undefined && verdictAt(unbinding, now()).status === 'approved'
      }),
  }
}
