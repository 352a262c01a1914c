import { findJsonFault, formatAmount, formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Secret } from '../../secret.ts'
import type {
  ChannelAnswer,
  ChargeInstruction,
  ChargeNames,
  ChargeSource,
  Linking,
  Unresolved,
} from '../channel.ts'
import { outcomeOf } from './codes.ts'

export const ResultCode = Type.String({ minLength: 1, maxLength: 16, pattern: '^[ -~]+$' })
export const NetworkReferenceNo = Type.String({ minLength: 1, maxLength: 64, pattern: '^[ -~]+$' })
export const NetworkToken = Type.String({ minLength: 8, maxLength: 255, pattern: '^[!-~]+$' })
export const AmountSaid = Type.Object({ value: Type.String(), currency: Type.String() })

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
    resultCode: ResultCode,
    networkReferenceNo: Type.Optional(NetworkReferenceNo),
    amount: Type.Optional(AmountSaid),
    linking: Type.Optional(Type.Unknown()),
    networkToken: Type.Optional(Type.Unknown()),
  }),
)

const Linked = Compile(Type.Object({ linking: Type.Literal('linked'), networkToken: NetworkToken }))

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
  if (source.kind === 'jump-app') throw new Error('The network has no page of its own')
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
      return paid({ kind: 'paid', networkReferenceNo, networkCode }, message)
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

type Paid = ChannelAnswer & { readonly kind: 'paid' }

/** Keeping the card was asked for when it is spoken of; then it has to be spoken of clearly before the rest is believed. */
function paid(
  answer: Paid,
  said: { readonly linking?: unknown; readonly networkToken?: unknown },
): ChannelAnswer {
  if (said.linking === undefined && said.networkToken === undefined) return answer
  const linking = readLinking(said)
  return linking === undefined
    ? unresolved('an approval that is unclear about keeping the card')
    : { ...answer, linking }
}

function readLinking(said: {
  readonly linking?: unknown
  readonly networkToken?: unknown
}): Linking | undefined {
  if (Linked.Check(said)) return { kind: 'linked', networkToken: new Secret(said.networkToken) }
  return said.linking === 'declined' && said.networkToken === undefined ? { kind: 'declined' } : undefined
}

/** Whether a 404 is the network's word that it knows no such thing. That of a proxy or of a wrong path is none. */
export function isNotFound(bytes: Buffer, referenceNo: string): boolean {
  const message = parse(bytes)
  return NotFound.Check(message) && message.referenceNo === referenceNo
}

export function unresolved(cause: string): Unresolved {
  return { kind: 'unresolved', cause }
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
