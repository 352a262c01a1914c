import { isDeepStrictEqual } from 'node:util'
import type { Ledger } from '../ledger.ts'
import type { Bank } from './banks.ts'
import type { Question } from './challenge.ts'
import type { ChargeDecision } from './charge-decision.ts'
import type { BankChargeBody, BankChargeReply } from './contract.ts'
import type { BankCharge } from './records.ts'

/** Where a bank's pages lie, below the simulator's address. */
export function pagePath(slug: string, referenceNo: string): string {
  return `/bank/v1/${slug}/pages/${referenceNo}`
}

/** The members of a charge as every answer about it shows them. */
export function chargeReply(
  charge: BankCharge,
  question: Question | undefined,
  { bank, origin }: { readonly bank: Bank; readonly origin: string },
): BankChargeReply {
  const { referenceNo, networkReferenceNo, verdict, amount } = charge
  const isWaiting = verdict.status === 'waiting'
  return {
    referenceNo,
    status: verdict.status,
    resultCode: question?.resultCode ?? verdict.resultCode,
    networkReferenceNo,
    amount: { value: amount, currency: 'IDR' },
    ...(question ? questionReply(question) : {}),
    ...(isWaiting && !question ? { step: 'app' as const } : {}),
    ...(isWaiting && charge.page ? { redirectUrl: `${origin}${pagePath(bank.slug, referenceNo)}` } : {}),
  }
}

function questionReply({ step, attemptsLeft, otpExpiresAt }: Question) {
  return {
    step,
    attemptsLeft,
    ...(otpExpiresAt === undefined ? {} : { otpExpiresAt: new Date(otpExpiresAt).toISOString() }),
  }
}

/** From which balances a body asks to take its amount, and how much of each. */
export function payOptionsOf({ payOptions }: BankChargeBody): BankCharge['payOptions'] {
  return payOptions?.map(({ method, amount }) => ({ method, amount: amount.value }))
}

/** Whether a body is that of the charge that its reference names. */
export function isRepetition(charge: BankCharge, body: BankChargeBody): boolean {
  return (
    charge.amount === body.amount.value &&
    charge.merchantId === body.merchantId &&
    charge.networkToken === (body.networkToken ?? '') &&
    isDeepStrictEqual(charge.payOptions, payOptionsOf(body))
  )
}

export function newCharge(
  { bank, ledger, now }: { readonly bank: Bank; readonly ledger: Ledger; readonly now: () => number },
  body: BankChargeBody,
  { plan, phoneNo }: ChargeDecision,
): BankCharge {
  const { referenceNo, merchantId, merchantReferenceNo, returnUrl, orderTitle } = body
  const position = ledger.kept.bankCharge.size + 1
  const payOptions = payOptionsOf(body)
  const page = {
    ...(returnUrl === undefined ? {} : { returnUrl }),
    ...(orderTitle === undefined ? {} : { orderTitle }),
  }
  return {
    bank: bank.slug,
    referenceNo,
    merchantId,
    merchantReferenceNo,
    phoneNo,
    networkToken: body.networkToken ?? '',
    amount: body.amount.value,
    ...(payOptions === undefined ? {} : { payOptions }),
    networkReferenceNo: `D${String(position).padStart(11, '0')}`,
    at: now(),
    verdict: plan.first,
    resolveAt: plan.later ? now() + plan.later.afterMs : 0,
    becomes: plan.later?.verdict ?? plan.first,
    ...(bank.sale === 'page' ? { page } : {}),
  }
}
