import type { After } from '../answering.ts'
import type { Ledger } from '../ledger.ts'
import type { Otps } from '../otp.ts'
import { wibDay } from '../spending.ts'
import { declined } from '../verdict.ts'
import { BANKS, type Bank } from './banks.ts'
import { type BankBindings, openBankBindings } from './bindings.ts'
import { openChallenges } from './challenge.ts'
import { type BankCharges, openBankCharges } from './charges.ts'
import type { BalanceBody } from './contract.ts'
import { openCustomers } from './customers.ts'
import { openGrants } from './grants.ts'
import { openHoldings } from './holdings.ts'
import type { People } from './people.ts'
import { ownedIn } from './purse.ts'
import { type BankRefunds, openBankRefunds, openRefundSums } from './refunds.ts'
import { type BankUnbindings, openBankUnbindings } from './unbindings.ts'

/** One bank or wallet that is open for business. */
export interface OpenBank {
  readonly bank: Bank
  readonly bindings: BankBindings
  readonly charges: BankCharges
  readonly refunds: BankRefunds
  readonly unbindings: BankUnbindings
  readonly balance: (body: BalanceBody, controlCase: string | undefined) => object
}

export interface OpenBankParts {
  readonly ledger: Ledger
  readonly people: People
  readonly otps: Otps
  readonly now: () => number
  readonly after: After
}

/** Opens all banks and wallets on one ledger. */
export function openBanks(parts: OpenBankParts): readonly OpenBank[] {
  const { ledger, now } = parts
  const holdings = openHoldings(ledger)
  const shared = {
    ...parts,
    holdings,
    grants: openGrants(ledger, now),
    customers: openCustomers({ ...parts, holdings }),
    challenges: openChallenges(parts.otps, now),
    sums: openRefundSums(ledger, now),
  }
  return BANKS.map((bank) => openBank(bank, shared))
}

type Shared = OpenBankParts & {
  readonly holdings: ReturnType<typeof openHoldings>
  readonly grants: ReturnType<typeof openGrants>
  readonly customers: ReturnType<typeof openCustomers>
  readonly challenges: ReturnType<typeof openChallenges>
  readonly sums: ReturnType<typeof openRefundSums>
}

function openBank(bank: Bank, shared: Shared): OpenBank {
  const { now, sums } = shared
  const charges = openBankCharges({
    ...shared,
    bank,
    isVoidable: ({ at, referenceNo }) =>
      wibDay(at) === wibDay(now()) &&
      sums.givenBack({ bank: bank.slug, originalReferenceNo: referenceNo }) === 0n,
  })
  return {
    bank,
    charges,
    bindings: openBankBindings({ ...shared, bank }),
    refunds: openBankRefunds({
      ...shared,
      bank,
      statusOf: (referenceNo) => charges.observe(referenceNo)?.verdict.status,
    }),
    unbindings: openBankUnbindings({ ...shared, bank }),
    balance: (body, controlCase) => balanceOf(bank, shared, { body, controlCase }),
  }
}

function balanceOf(
  bank: Bank,
  { grants, customers, holdings }: Shared,
  { body, controlCase }: { readonly body: BalanceBody; readonly controlCase: string | undefined },
): object {
  const { inquiryNo, networkToken, merchantId } = body
  const refuse = (caseCode: string) => ({ inquiryNo, resultCode: declined(caseCode).resultCode })
  if (controlCase !== undefined && controlCase !== '20000') return refuse(controlCase)
  if (bank.balances.length === 0) return refuse('40500')
  const grant = grants.find({ bank: bank.slug, networkToken, merchantId })
  if (!grant) return refuse('40411')
  if (grant.isEnded) return refuse('40318')
  const refusal = customers.refusal(bank, grant.phoneNo)
  if (refusal) return { inquiryNo, resultCode: refusal.first.resultCode }
  const person = customers.find(grant.phoneNo)
  const leftIn = (name: string) =>
    (person ? ownedIn(bank, person, name) : 0n) - holdings.taken(bank.slug, grant.phoneNo, name)
  const balances = bank.balances.map(({ name }) => ({
    type: name,
    amount: { value: leftIn(name) > 0n ? rupiah(leftIn(name)) : '0.00', currency: 'IDR' },
    hold: { value: '0.00', currency: 'IDR' },
  }))
  return { inquiryNo, resultCode: '00', balances }
}

function rupiah(minor: bigint): string {
  const digits = minor.toString().padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}
