import { findJsonFault, formatAmount } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { ChargeNames, Declined, Unresolved } from '../channel.ts'
import { outcomeOf } from './codes.ts'

/** The members that all answers of a network share, and how strictly they are read. */
export const ReferenceNo = Type.String({ maxLength: 64 })
export const ResultCode = Type.String({ minLength: 1, maxLength: 16, pattern: '^[ -~]+$' })
export const NetworkReferenceNo = Type.String({ minLength: 1, maxLength: 64, pattern: '^[ -~]+$' })
export const NetworkToken = Type.String({ minLength: 8, maxLength: 255, pattern: '^[!-~]+$' })
export const AmountSaid = Type.Object({ value: Type.String(), currency: Type.String() })
export const InstantSaid = Type.String({ maxLength: 40, format: 'date-time' })
export const AttemptsLeft = Type.Integer({ minimum: 0, maximum: 1_000 })

/** ISO 8583: every other code, a partial approval among them, is no approval of this very thing. */
export const DONE = '00'

const NotFound = Compile(Type.Object({ referenceNo: Type.String(), resultCode: Type.Literal('25') }))

/** Whether a 404 is the network's word that it knows no such thing. That of a proxy or of a wrong path is none. */
export function isNotFound(bytes: Buffer, referenceNo: string): boolean {
  const message = parse(bytes)
  return NotFound.Check(message) && message.referenceNo === referenceNo
}

export function unresolved(cause: string): Unresolved {
  return { kind: 'unresolved', cause }
}

/** A clear no, if the code is one that somebody has explained to us. */
export function declined(networkCode: string): Declined | Unresolved {
  const outcome = outcomeOf(networkCode)
  return outcome === undefined
    ? unresolved('an unknown result code')
    : { kind: 'declined', outcome, networkCode }
}

export function pending(networkCode: string): Unresolved {
  return { ...unresolved('the issuer has not answered the network'), networkCode }
}

export function contradiction(): Unresolved {
  return unresolved('an answer that contradicts itself')
}

/** Which codes explain an end of a binding that has a word of its own. */
const ENDS: Readonly<Record<'blocked' | 'expired' | 'cancelled', readonly string[]>> = {
  blocked: ['otpBlocked'],
  expired: ['otpLifetimeExpired', 'transactionExpired', 'cardExpired'],
  cancelled: ['transactionCancelled'],
}

export function readEnd<Kind extends keyof typeof ENDS>(
  kind: Kind,
  networkCode: string,
): { readonly kind: Kind; readonly networkCode: string } | Unresolved {
  return ENDS[kind].includes(outcomeOf(networkCode) ?? '') ? { kind, networkCode } : contradiction()
}

export function isAmountOf(
  { amountMinor }: Pick<ChargeNames, 'amountMinor'>,
  amount?: { value: string; currency: string },
): boolean {
  return amount?.value === formatAmount(amountMinor) && amount.currency === 'IDR'
}

/** A member that stands twice says two things, and the later one is no better than the first. */
export function parse(bytes: Buffer): unknown {
  return findJsonFault(bytes) === undefined ? JSON.parse(bytes.toString('utf8')) : undefined
}
