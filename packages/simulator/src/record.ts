import { BANK_NAMES, type BankKept } from './banks/records.ts'
import type { BindingStatus } from './contract-cards.ts'
import type { CardPattern } from './nines.ts'
import type { Resolving } from './verdict.ts'

/** A card that is kept, at one merchant. */
export interface NetworkToken {
  readonly networkToken: string
  readonly merchantId: string
  /** Empty when a charge made it. */
  readonly customerId: string
  readonly maskedCard: string
  /** Empty when the card is none of the accounts. */
  readonly accountId: string
  /** What the card's digits ask of every call with the token. */
  readonly pattern?: CardPattern
  /** Epoch milliseconds. */
  readonly at: number
  /** Reference numbers of the unbindings that ask for its end. */
  readonly unbindings: readonly string[]
}

export interface Refund extends Resolving {
  readonly referenceNo: string
  readonly originalReferenceNo: string
  readonly merchantId: string
  readonly merchantReferenceNo: string
  readonly amount: string
  readonly networkReferenceNo: string
  readonly at: number
}

/** Approved means unbound. */
export interface Unbinding extends Resolving {
  readonly referenceNo: string
  readonly networkToken: string
  readonly merchantId: string
  readonly at: number
}

/** What a try of a code was answered with. */
export interface Attempt {
  readonly status: BindingStatus
  readonly resultCode: string
  readonly attemptsLeft: number
  readonly otpExpiresAt: number
}

/** The last code that was sent; the code itself is in no file. */
export interface SentOtp {
  /** Keyed with what a process made at its start, and useless after it. */
  readonly digest: string
  readonly sentAt: number
  readonly expiresAt: number
  readonly resends: number
}

export interface BindingWord {
  readonly status: BindingStatus
  readonly resultCode: string
}

export interface Binding {
  readonly referenceNo: string
  readonly merchantId: string
  readonly merchantReferenceNo: string
  readonly customerId: string
  readonly maskedCard: string
  readonly accountId: string
  readonly pattern?: CardPattern
  readonly phoneNo: string
  readonly networkReferenceNo: string
  readonly at: number
  readonly word: BindingWord
  /** Of a pending one: when it turns into what. */
  readonly resolveAt: number
  readonly becomes: BindingWord
  readonly otp?: SentOtp
  /** Tries that left the binding open, by their number. */
  readonly attempts: Readonly<Record<string, Attempt>>
  readonly wrongTries: number
  /** Epoch milliseconds until which the card takes no new binding; 0 when it was not blocked. */
  readonly cardBlockedUntil: number
  readonly networkToken?: string
}

export interface Kept extends BankKept {
  readonly token: NetworkToken
  readonly refund: Refund
  readonly unbinding: Unbinding
  readonly binding: Binding
}
export type Kind = keyof Kept

/** A line of the ledger: the record, and `y` says of what kind it is. */
export type KeptLine = { [K in Kind]: Kept[K] & { readonly y: K } }[Kind]

export function keptLine<K extends Kind>(kind: K, record: Kept[K]): string {
  return `${JSON.stringify({ y: kind, ...record })}\n`
}

/** What each record is found by. */
const NAMES: { readonly [K in Kind]: (record: Kept[K]) => string } = {
  ...BANK_NAMES,
  token: ({ networkToken }) => networkToken,
  refund: ({ referenceNo }) => referenceNo,
  unbinding: ({ referenceNo }) => referenceNo,
  binding: ({ referenceNo }) => referenceNo,
}

export interface Shelves {
  readonly maps: { readonly [K in Kind]: ReadonlyMap<string, Kept[K]> }
  put<K extends Kind>(kind: K, record: Kept[K]): void
  putLine(line: KeptLine): void
}

export function openShelves(): Shelves {
  const maps: { readonly [K in Kind]: Map<string, Kept[K]> } = {
    token: new Map(),
    refund: new Map(),
    unbinding: new Map(),
    binding: new Map(),
    grant: new Map(),
    bankBinding: new Map(),
    bankCharge: new Map(),
    bankRefund: new Map(),
    bankUnbinding: new Map(),
    bankBlock: new Map(),
  }

  function put<K extends Kind>(kind: K, record: Kept[K]) {
    maps[kind].set(NAMES[kind](record), record)
  }

  return {
    maps,
    put,
    putLine(line) {
      if (!Object.hasOwn(maps, line.y))
        throw new Error(`ledger.jsonl holds an unknown kind of line: ${line.y}`)
      put(line.y, line)
    },
  }
}
