import { findJsonFault, formatAmount, formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { ChannelAnswer, ChargeInstruction, ChargeNames, ChargeSource } from '../channel.ts'
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
    amount: Type.Optional(Type.Object({ value: Type.String(), currency: Type.String() })),
  }),
)

const NotFound = Compile(Type.Object({ referenceNo: Type.String(), resultCode: Type.Literal('25') }))

/** ISO 8583: every other code, a partial approval among them, is no approval of this charge. */
const APPROVED = '00'

/** The charge message of network API v1. It is the one place where card number and OTT are in clear. */
export function chargeMessage(instruction: ChargeInstruction): string {
  return JSON.stringify({
    referenceNo: instruction.referenceNo,
    merchantReferenceNo: instruction.merchantReferenceNo,
    merchantId: instruction.merchantId,
    ...sourceMembers(instruction.source),
    amount: { value: formatAmount(instruction.amountMinor), currency: 'IDR' },
    expiresAt: formatInstant(instruction.expiresAt),
    confirmBy: formatInstant(instruction.confirmBy),
  })
}

function sourceMembers(source: ChargeSource): Readonly<Record<string, string | boolean>> {
  const oneTimeToken = source.oneTimeToken?.reveal()
  if (source.kind === 'card') {
    const card = { cardNumber: source.chargeToken.reveal(), oneTimeToken: source.oneTimeToken.reveal() }
    return source.keepsCard ? { ...card, tokenise: true } : card
  }
  return {
    networkToken: source.networkToken.reveal(),
    ...(oneTimeToken !== undefined && { oneTimeToken }),
    ...(source.isRecurring && { recurring: true }),
  }
}

/** What the network said about the charge, or `unresolved` for whatever is not a clear word about this very charge. */
export function readAnswer(bytes: Buffer, charge: ChargeNames): ChannelAnswer {
  const message = parse(bytes)
  if (!Charge.Check(message)) return unresolved('the answer is not a charge')
  if (message.referenceNo !== charge.referenceNo) return unresolved('the answer is about another charge')
  const { status, resultCode: networkCode, networkReferenceNo } = message
  switch (status) {
    case 'approved':
      if (networkCode !== APPROVED) return unresolved('an approval that contradicts itself')
      if (networkReferenceNo === undefined) return unresolved('an approval without a network reference')
      if (!isAmountOf(charge, message.amount)) return unresolved('an approval of another amount')
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
      return { ...unresolved('the issuer has not answered the network'), networkCode }
  }
}

/** Whether a 404 is the network's word that it knows no such charge. That of a proxy or of a wrong path is none. */
export function isNotFound(bytes: Buffer, { referenceNo }: ChargeNames): boolean {
  const message = parse(bytes)
  return NotFound.Check(message) && message.referenceNo === referenceNo
}

export function unresolved(cause: string): ChannelAnswer & { kind: 'unresolved' } {
  return { kind: 'unresolved', cause }
}

function isAmountOf({ amountMinor }: ChargeNames, amount?: { value: string; currency: string }): boolean {
  return amount?.value === formatAmount(amountMinor) && amount.currency === 'IDR'
}

/** A member that stands twice says two things, and the later one is no better than the first. */
function parse(bytes: Buffer): unknown {
  return findJsonFault(bytes) === undefined ? JSON.parse(bytes.toString('utf8')) : undefined
}
