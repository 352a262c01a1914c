import { formatAmount } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { ChannelAnswer, ChargeInstruction } from '../channel.ts'
import { outcomeOf } from './codes.ts'

const Charge = Compile(
  Type.Object({
    referenceNo: Type.String({ maxLength: 64 }),
    status: Type.Union([
      Type.Literal('approved'),
      Type.Literal('declined'),
      Type.Literal('waiting'),
      Type.Literal('pending'),
      Type.Literal('reversed'),
    ]),
    resultCode: Type.String({ minLength: 1, maxLength: 16, pattern: '^[ -~]+$' }),
    networkReferenceNo: Type.Optional(Type.String({ minLength: 1, maxLength: 64, pattern: '^[ -~]+$' })),
  }),
)

/** ISO 8583: every other code, a partial approval among them, is no approval of this charge. */
const APPROVED = '00'

/** The charge message of network API v1. It is the one place where card number and OTT are in clear. */
export function chargeMessage(instruction: ChargeInstruction): string {
  return JSON.stringify({
    referenceNo: instruction.referenceNo,
    merchantReferenceNo: instruction.merchantReferenceNo,
    merchantId: instruction.merchantId,
    cardNumber: instruction.chargeToken.reveal(),
    oneTimeToken: instruction.oneTimeToken.reveal(),
    amount: { value: formatAmount(instruction.amountMinor), currency: 'IDR' },
    expiresAt: new Date(instruction.expiresAt).toISOString(),
  })
}

/** What the network said about the charge, or `unresolved` for whatever is not a clear word about this very charge. */
export function readAnswer(text: string, referenceNo: string): ChannelAnswer {
  const message = parse(text)
  if (!Charge.Check(message)) return unresolved('the answer is not a charge')
  if (message.referenceNo !== referenceNo) return unresolved('the answer is about another charge')
  const { status, resultCode: networkCode, networkReferenceNo } = message
  switch (status) {
    case 'approved':
      if (networkCode !== APPROVED) return unresolved('an approval that contradicts itself')
      if (networkReferenceNo === undefined) return unresolved('an approval without a network reference')
      return { kind: 'paid', networkReferenceNo, networkCode }
    case 'waiting':
      if (networkReferenceNo === undefined) return unresolved('a waiting charge without a network reference')
      return { kind: 'waiting', networkReferenceNo, networkCode }
    case 'declined': {
      const outcome = outcomeOf(networkCode)
      return outcome === undefined
        ? unresolved('an unknown result code')
        : { kind: 'declined', outcome, networkCode }
    }
    case 'reversed':
      return { kind: 'reversed', networkCode }
    case 'pending':
      return unresolved('the issuer has not answered the network')
  }
}

export function unresolved(cause: string): ChannelAnswer {
  return { kind: 'unresolved', cause }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
