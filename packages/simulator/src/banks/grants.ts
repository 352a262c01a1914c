import { randomBytes } from 'node:crypto'
import type { Ledger } from '../ledger.ts'
import { type Grant, nameOf } from './records.ts'

export interface Grants {
  issue(owner: Omit<Grant, 'networkToken' | 'at' | 'isEnded'>): Grant
  /** Undefined for a token that is unknown at the bank, or another merchant's. */
  find(names: Pick<Grant, 'bank' | 'networkToken' | 'merchantId'>): Grant | undefined
  end(grant: Grant): void
  /** The customer of the merchant's whose account it is already; undefined when it is free. */
  holder(names: Pick<Grant, 'bank' | 'merchantId' | 'phoneNo'>): string | undefined
}

export function openGrants(ledger: Ledger, now: () => number): Grants {
  const holders = new Map<string, Grant>()
  const keyOf = ({ bank, merchantId, phoneNo }: Pick<Grant, 'bank' | 'merchantId' | 'phoneNo'>) =>
    nameOf(bank, `${merchantId}/${phoneNo}`)

  function hold(grant: Grant) {
    if (!grant.isEnded) holders.set(keyOf(grant), grant)
    else if (holders.get(keyOf(grant))?.networkToken === grant.networkToken) holders.delete(keyOf(grant))
  }

  function keep(grant: Grant): Grant {
    ledger.keep('grant', grant)
    hold(grant)
    return grant
  }

  for (const grant of ledger.kept.grant.values()) hold(grant)

  return {
    issue: (owner) =>
      keep({
        ...owner,
        networkToken: `${owner.bank}t${randomBytes(16).toString('hex')}`,
        at: now(),
        isEnded: false,
      }),
    find({ bank, networkToken, merchantId }) {
      const grant = ledger.kept.grant.get(nameOf(bank, networkToken))
      return grant?.merchantId === merchantId ? grant : undefined
    },
    end(grant) {
      keep({ ...grant, isEnded: true })
    },
    holder: (names) => holders.get(keyOf(names))?.customerId,
  }
}
