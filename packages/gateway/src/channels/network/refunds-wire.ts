import { formatAmount, formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RefundAnswer, RefundInstruction, RefundNames } from '../channel.ts'
import {
  AmountSaid,
  DONE,
  declined,
  isAmountOf,
  NetworkReferenceNo,
  parse,
  pending,
  ReferenceNo,
  ResultCode,
  unresolved,
} from './words.ts'

const Refund = Compile(
  Type.Object({
    referenceNo: ReferenceNo,
    status: Type.Enum(['approved', 'declined', 'pending']),
    resultCode: ResultCode,
    networkReferenceNo: Type.Optional(NetworkReferenceNo),
    amount: Type.Optional(AmountSaid),
  }),
)

export function refundMessage(instruction: RefundInstruction): string {
  return JSON.stringify({
    referenceNo: instruction.referenceNo,
    originalReferenceNo: instruction.originalReferenceNo,
    merchantId: instruction.merchantId,
    merchantReferenceNo: instruction.merchantReferenceNo,
    amount: { value: formatAmount(instruction.amountMinor), currency: 'IDR' },
    expiresAt: formatInstant(instruction.expiresAt),
  })
}

/** What the network said about the refund, or `unresolved` for whatever is not a clear word about this very one. */
export function readRefund(bytes: Buffer, refund: RefundNames): RefundAnswer {
  const message = parse(bytes)
  if (!Refund.Check(message)) return unresolved('the answer is not a refund')
  if (message.referenceNo !== refund.referenceNo) return unresolved('the answer is about another refund')
  const { status, resultCode: networkCode, networkReferenceNo } = message
  if (status === 'pending') return pending(networkCode)
  if (status === 'declined') return declined(networkCode)
  if (networkCode !== DONE) return unresolved('an approval that contradicts itself')
  if (networkReferenceNo === undefined) return unresolved('an approval without a network reference')
  if (!isAmountOf(refund, message.amount)) return unresolved('an approval of another amount')
  return { kind: 'refunded', networkReferenceNo, networkCode }
}
