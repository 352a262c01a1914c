import type { SentOtp } from '../record.ts'
import type { Resolving } from '../verdict.ts'
import type { CodeStep } from './banks.ts'

/** What a customer is asked for, one step after the other. */
export interface Challenge {
  /** The step that is waited for; empty when the last one was done. */
  readonly steps: readonly CodeStep[]
  readonly otp?: SentOtp
  /** Of the step that is waited for. */
  readonly wrongTries: number
  /** What wrong tries were answered with, by step and number. */
  readonly tried: Readonly<Record<string, Tried>>
}

export interface Tried {
  readonly resultCode: string
  readonly attemptsLeft: number
  readonly otpExpiresAt?: number
}

interface Named {
  readonly bank: string
  readonly referenceNo: string
  readonly merchantId: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** An account or card that is kept, at one merchant. */
export interface Grant {
  readonly bank: string
  readonly networkToken: string
  readonly merchantId: string
  readonly customerId: string
  readonly phoneNo: string
  readonly at: number
  /** An unbinding has ended it. */
  readonly isEnded: boolean
}

export const BANK_BINDING_STATUSES = [
  'asking',
  'pending',
  'bound',
  'declined',
  'blocked',
  'cancelled',
] as const

export interface BankBindingWord {
  readonly status: (typeof BANK_BINDING_STATUSES)[number]
  readonly resultCode: string
}

export interface BankBinding extends Named {
  readonly merchantReferenceNo: string
  readonly customerId: string
  readonly phoneNo: string
  readonly networkReferenceNo: string
  readonly word: BankBindingWord
  /** Of a pending one: when it turns into what. */
  readonly resolveAt: number
  readonly becomes: BankBindingWord
  readonly challenge: Challenge
  readonly networkToken?: string
}

export interface BankCharge extends Named, Resolving {
  readonly merchantReferenceNo: string
  /** Empty where the customer is not known before he confirms. */
  readonly phoneNo: string
  /** Empty without one. */
  readonly networkToken: string
  readonly amount: string
  /** From which balances it is taken, and how much; absent: from the first one. */
  readonly payOptions?: readonly { readonly method: string; readonly amount: string }[]
  readonly networkReferenceNo: string
  readonly challenge?: Challenge
  /** Of a charge that is confirmed on a page: where that page sends its customer back to. */
  readonly page?: { readonly returnUrl?: string; readonly orderTitle?: string }
}

export interface BankRefund extends Named, Resolving {
  readonly originalReferenceNo: string
  readonly merchantReferenceNo: string
  readonly amount: string
  readonly networkReferenceNo: string
}

/** Approved means unbound, waiting that the customer is asked. */
export interface BankUnbinding extends Named, Resolving {
  readonly networkToken: string
  readonly challenge?: Challenge
}

/** Five wrong codes were given for an account. */
export interface BankBlock {
  readonly bank: string
  readonly phoneNo: string
  /** Epoch milliseconds. */
  readonly until: number
}

export interface BankKept {
  readonly grant: Grant
  readonly bankBinding: BankBinding
  readonly bankCharge: BankCharge
  readonly bankRefund: BankRefund
  readonly bankUnbinding: BankUnbinding
  readonly bankBlock: BankBlock
}

/** What each record is found by. */
export const BANK_NAMES: { readonly [K in keyof BankKept]: (record: BankKept[K]) => string } = {
  grant: ({ bank, networkToken }) => nameOf(bank, networkToken),
  bankBinding: ofReference,
  bankCharge: ofReference,
  bankRefund: ofReference,
  bankUnbinding: ofReference,
  bankBlock: ({ bank, phoneNo }) => nameOf(bank, phoneNo),
}

function ofReference({ bank, referenceNo }: Named): string {
  return nameOf(bank, referenceNo)
}

/** A number is a bank's own: the same one at another bank is another thing. */
export function nameOf(bank: string, number: string): string {
  return `${bank}/${number}`
}
