import { caseOfAmount, caseOfReference } from '../nines.ts'
import {
  APPROVE,
  confirmedWithin,
  decline,
  type Plan,
  planOfCase,
  unattended,
  WAIT_FOR_A_PERSON,
  waitThen,
} from '../plan.ts'
import { minorOf } from '../spending.ts'
import { APPROVED, declined, WAITING } from '../verdict.ts'
import type { Bank } from './banks.ts'
import { payOptionsOf } from './charge-words.ts'
import type { BankChargeBody } from './contract.ts'
import type { Customers } from './customers.ts'
import type { Grants } from './grants.ts'

export interface ChargeOccasion {
  readonly bank: Bank
  readonly customers: Customers
  readonly grants: Grants
  readonly controlCase: string | undefined
  readonly now: number
}

/** How a charge will go, and whose it is: the telephone is empty while nobody knows. */
export interface ChargeDecision {
  readonly plan: Plan
  readonly phoneNo: string
}

/** The order is: what the bank never has, a dead token, control, reference, amount, what the bank has, the customer's state, limit and money. */
export function decideBankCharge(body: BankChargeBody, occasion: ChargeOccasion): ChargeDecision {
  const { bank, grants, controlCase, now } = occasion
  const { networkToken, merchantId } = body
  if ((networkToken === undefined) !== (bank.sale === 'page')) return noOne(decline('40500'))
  const misfit = misfitOf(body, bank)
  if (misfit) return noOne(misfit)
  const grant =
    networkToken === undefined ? undefined : grants.find({ bank: bank.slug, networkToken, merchantId })
  if (networkToken !== undefined && !grant) return noOne(decline('40411'))
  const phoneNo = grant?.phoneNo ?? ''
  if (grant?.isEnded) return { plan: decline('40318'), phoneNo }
  const magic = controlCase ?? caseOfReference(body.merchantReferenceNo) ?? caseOfAmount(body.amount.value)
  if (magic !== undefined) return { plan: unattended(planOfCase(magic)), phoneNo }
  const plan = body.recurring === true ? recurring(occasion) : asking(occasion, phoneNo)
  const refusal = phoneNo === '' ? undefined : refusalOf(body, occasion, phoneNo)
  const within = confirmedWithin(refusal ?? plan, Date.parse(body.confirmBy) - now)
  return { plan: within, phoneNo }
}

/** The bank's no to a balance that it has not, and to parts that are not the whole: nothing is ever taken from another one. */
function misfitOf(body: BankChargeBody, { balances }: Bank): Plan | undefined {
  const parts = payOptionsOf(body)
  if (parts === undefined) return undefined
  if (!parts.every(({ method }) => balances.some(({ name }) => name === method))) return decline('40500')
  const sum = parts.reduce((total, { amount }) => total + minorOf(amount), 0n)
  return sum === minorOf(body.amount.value) ? undefined : decline('40413')
}

function noOne(plan: Plan): ChargeDecision {
  return { plan, phoneNo: '' }
}

function recurring({ bank }: ChargeOccasion): Plan {
  return bank.isRecurring ? APPROVE : decline('40301')
}

/** The customer has to confirm; in his application some people of the table do so by themselves. */
function asking({ bank, customers }: ChargeOccasion, phoneNo: string): Plan {
  const person = customers.find(phoneNo)
  if (bank.sale !== 'app' || person?.appSeconds === undefined) return WAIT_FOR_A_PERSON
  const answer = person.appAnswer === 'decline' ? declined('40404') : APPROVED
  return waitThen(person.appSeconds * 1_000, answer)
}

function refusalOf(
  body: BankChargeBody,
  { bank, customers }: ChargeOccasion,
  phoneNo: string,
): Plan | undefined {
  const payOptions = payOptionsOf(body)
  const asksCodes = Array.isArray(bank.sale) && body.recurring !== true
  return (
    customers.refusal(bank, phoneNo) ??
    (asksCodes ? customers.refusalOfCodes(bank, phoneNo) : undefined) ??
    customers.refusalOfAmount(bank, phoneNo, { amount: body.amount.value, ...(payOptions && { payOptions }) })
  )
}

/** Whether the customer is asked for codes, now that the charge waits. */
export function asksForCodes(bank: Bank, { first }: Plan): boolean {
  return first === WAITING && Array.isArray(bank.sale)
}
