import { formatAmount, formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Secret } from '../../secret.ts'
import type { ChannelAnswer, ChargeInstruction, ChargeNames, Linking } from '../channel.ts'
import type { ChargeSource } from '../charge-source.ts'
import {
  AmountSaid,
  DONE,
  declined,
  isAmountOf,
  NetworkReferenceNo,
  NetworkToken,
  parse,
  pending,
  ReferenceNo,
  ResultCode,
  unresolved,
} from '../network/words.ts'

const Charge = Compile(
  Type.Object({
    referenceNo: ReferenceNo,
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
      if (networkCode !== DONE) return unresolved('an approval that contradicts itself')
      if (networkReferenceNo === undefined) return unresolved('an approval without a network reference')
      if (!isAmountOf(charge, message.amount)) return unresolved('an approval of another amount')
      return paid({ kind: 'paid', networkReferenceNo, networkCode }, message)
    case 'waiting':
      if (networkReferenceNo === undefined) return unresolved('a waiting charge without a network reference')
      return { kind: 'waiting', networkReferenceNo, networkCode }
    case 'declined':
      return declined(networkCode)
    case 'reversed':
      return { kind: 'reversed', networkCode }
    case 'pending':
      return pending(networkCode)
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
