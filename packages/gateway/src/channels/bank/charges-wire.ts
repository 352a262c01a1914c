import { formatAmount, formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type {
  Asking,
  ChannelAnswer,
  ChargeInstruction,
  ChargeNames,
  ConfirmAnswer,
  ConfirmInstruction,
} from '../channel.ts'
import type { ChargeSource, PayPart } from '../charge-source.ts'
import {
  AmountSaid,
  AttemptsLeft,
  contradiction,
  DONE,
  declined,
  InstantSaid,
  isAmountOf,
  NetworkReferenceNo,
  parse,
  pending,
  ReferenceNo,
  ResultCode,
  unresolved,
} from '../network/words.ts'

const Charge = Compile(
  Type.Object({
    referenceNo: ReferenceNo,
    status: Type.Enum(['approved', 'declined', 'waiting', 'pending', 'reversed']),
    resultCode: ResultCode,
    networkReferenceNo: Type.Optional(NetworkReferenceNo),
    amount: Type.Optional(AmountSaid),
    step: Type.Optional(Type.Enum(['otp', 'pin', 'app'])),
    redirectUrl: Type.Optional(Type.String({ maxLength: 2048, pattern: '^https?://[!-~]+$' })),
    otpExpiresAt: Type.Optional(InstantSaid),
    attemptsLeft: Type.Optional(AttemptsLeft),
  }),
)

type ChargeMessage = ReturnType<typeof Charge.Parse>

const CODE_WRONG = '55'
const CODE_EXPIRED = 'X40312'
const NOT_ASKED_FOR = 'X40406'
/** What a charge may be told of while it waits: that a code is on its way, or why none is. */
const OF_WAITING = ['W0', CODE_WRONG, CODE_EXPIRED, NOT_ASKED_FOR, 'X42900']

/** The charge message of bank API v1. */
export function chargeMessage(instruction: ChargeInstruction): string {
  return JSON.stringify({
    referenceNo: instruction.referenceNo,
    merchantId: instruction.merchantId,
    merchantReferenceNo: instruction.merchantReferenceNo,
    ...sourceMembers(instruction.source),
    amount: { value: formatAmount(instruction.amountMinor), currency: 'IDR' },
    expiresAt: formatInstant(instruction.expiresAt),
    confirmBy: formatInstant(instruction.confirmBy),
  })
}

function sourceMembers(source: ChargeSource): object {
  if (source.kind === 'card') throw new Error('A bank charges what is kept there, and no card numbers')
  if (source.kind === 'jump-app') {
    const { returnUrl, orderTitle } = source
    return { returnUrl, ...(orderTitle !== undefined && { orderTitle }) }
  }
  return {
    networkToken: source.networkToken.reveal(),
    ...(source.isRecurring && { recurring: true }),
    ...(source.canAskPin && { canAskPin: true }),
    ...(source.paidWith && { payOptions: source.paidWith.map(payOption) }),
  }
}

function payOption({ method, amountMinor }: PayPart) {
  return { method, amount: { value: formatAmount(amountMinor), currency: 'IDR' } }
}

/** The one place where a code or PIN that a customer typed is in clear. */
export function confirmMessage({
  step,
  attempt,
  code,
}: Pick<ConfirmInstruction, 'step' | 'attempt' | 'code'>): string {
  return JSON.stringify({ step, attempt, code: code.reveal() })
}

/** What the bank said about the charge, or `unresolved` for whatever is not a clear word about this very charge. */
export function readCharge(bytes: Buffer, charge: ChargeNames): ChannelAnswer {
  const message = read(bytes, charge)
  return 'kind' in message ? message : answerOf(message, charge)
}

/** The same for the answer to a code: what a charge that waits on says of it. */
export function readConfirmation(bytes: Buffer, charge: ChargeNames): ConfirmAnswer {
  const message = read(bytes, charge)
  if ('kind' in message) return message
  const { resultCode: networkCode, attemptsLeft } = message
  const answer = answerOf(message, charge)
  if (answer.kind !== 'waiting') return answer
  if (networkCode === CODE_EXPIRED) return { kind: 'code-expired', networkCode }
  if (networkCode === NOT_ASKED_FOR) return { kind: 'code-wanted', networkCode }
  if (networkCode !== CODE_WRONG) return answer
  return attemptsLeft === undefined
    ? unresolved('a wrong code without the attempts that are left')
    : { kind: 'wrong-code', networkCode, attemptsLeft }
}

/** The message, if it is about this very charge and amount: whatever it then says, it says of that. */
function read(bytes: Buffer, charge: ChargeNames): ChargeMessage | ReturnType<typeof unresolved> {
  const message = parse(bytes)
  if (!Charge.Check(message)) return unresolved('the answer is not a charge')
  if (message.referenceNo !== charge.referenceNo) return unresolved('the answer is about another charge')
  return message
}

function answerOf(message: ChargeMessage, charge: ChargeNames): ChannelAnswer {
  const { status, resultCode: networkCode, networkReferenceNo } = message
  switch (status) {
    case 'approved':
      if (networkCode !== DONE) return contradiction()
      if (networkReferenceNo === undefined) return unresolved('an approval without a network reference')
      if (!isAmountOf(charge, message.amount)) return unresolved('an approval of another amount')
      return { kind: 'paid', networkReferenceNo, networkCode }
    case 'waiting':
      return waiting(message)
    case 'declined':
      return declined(networkCode)
    case 'reversed':
      return { kind: 'reversed', networkCode }
    case 'pending':
      return pending(networkCode)
  }
}

function waiting(message: ChargeMessage): ChannelAnswer {
  const { resultCode: networkCode, networkReferenceNo } = message
  if (!OF_WAITING.includes(networkCode)) return contradiction()
  if (networkReferenceNo === undefined) return unresolved('a waiting charge without a network reference')
  const asking = readAsking(message)
  return asking === undefined
    ? unresolved('a waiting charge that is unclear about what it waits for')
    : { kind: 'waiting', networkReferenceNo, networkCode, ...asking }
}

/** A code has an end, and so have its attempts; what is confirmed elsewhere has neither. */
function readAsking({ step, redirectUrl, otpExpiresAt, attemptsLeft }: ChargeMessage): Asking | undefined {
  const isOfCode = step === 'otp' || step === 'pin'
  if (isOfCode !== (attemptsLeft !== undefined)) return undefined
  if (otpExpiresAt !== undefined && step !== 'otp') return undefined
  if (redirectUrl !== undefined && (isOfCode || !URL.canParse(redirectUrl))) return undefined
  const expiry = Date.parse(otpExpiresAt ?? '1970-01-01T00:00:00Z')
  if (Number.isNaN(expiry)) return undefined
  return {
    ...(step !== undefined && { step }),
    ...(redirectUrl !== undefined && { redirectUrl }),
    ...(otpExpiresAt !== undefined && { otpExpiresAt: expiry }),
    ...(attemptsLeft !== undefined && { attemptsLeft }),
  }
}
