import { formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Secret } from '../../secret.ts'
import type {
  BindInstruction,
  BindingAnswer,
  Declined,
  UnbindAnswer,
  UnbindInstruction,
  Unresolved,
  VerifyInstruction,
} from '../channel.ts'
import { outcomeOf } from './codes.ts'
import { NetworkReferenceNo, NetworkToken, parse, ResultCode, unresolved } from './wire.ts'

const BINDING_STATUSES = [
  'otp-sent',
  'pending',
  'bound',
  'declined',
  'blocked',
  'expired',
  'cancelled',
] as const

const Binding = Compile(
  Type.Object({
    referenceNo: Type.String({ maxLength: 64 }),
    status: Type.Enum(BINDING_STATUSES),
    resultCode: ResultCode,
    networkReferenceNo: Type.Optional(NetworkReferenceNo),
    otpExpiresAt: Type.Optional(Type.String({ maxLength: 40, format: 'date-time' })),
    attemptsLeft: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000 })),
    networkToken: Type.Optional(NetworkToken),
  }),
)

const Unbinding = Compile(
  Type.Object({
    referenceNo: Type.String({ maxLength: 64 }),
    status: Type.Enum(['unbound', 'declined', 'pending']),
    resultCode: ResultCode,
  }),
)

const DONE = '00'
const CODE_SENT = 'W0'
const CODE_WRONG = '55'

/** The binding message of network API v1, with card number and OTT in clear. */
export function bindMessage(instruction: BindInstruction): string {
  const { subject } = instruction
  if (subject.kind !== 'card') throw new Error('The network keeps cards and no accounts')
  return JSON.stringify({
    referenceNo: instruction.referenceNo,
    merchantId: instruction.merchantId,
    merchantReferenceNo: instruction.merchantReferenceNo,
    customerId: instruction.customerId,
    cardNumber: subject.cardNumber.reveal(),
    oneTimeToken: subject.oneTimeToken?.reveal(),
    phoneNo: instruction.phoneNo?.reveal(),
    expiresAt: formatInstant(instruction.expiresAt),
  })
}

/** The one place where the code that a cardholder typed is in clear. */
export function verifyMessage({ attempt, code }: VerifyInstruction): string {
  return JSON.stringify({ attempt, otp: code.reveal() })
}

export function unbindMessage({ referenceNo, merchantId, networkToken }: UnbindInstruction): string {
  return JSON.stringify({ referenceNo, merchantId, networkToken: networkToken.reveal() })
}

type BindingMessage = ReturnType<typeof Binding.Parse>

/** What the network said about the binding, or `unresolved` for whatever is not a clear word about this very one. */
export function readBinding(bytes: Buffer, referenceNo: string): BindingAnswer {
  const message = parse(bytes)
  if (!Binding.Check(message)) return unresolved('the answer is not a binding')
  if (message.referenceNo !== referenceNo) return unresolved('the answer is about another binding')
  return READ[message.status](message)
}

/** The same for the answer to a resend, where a code beside `otp-sent` says why no new one is on its way. */
export function readResend(bytes: Buffer, referenceNo: string): BindingAnswer {
  const message = parse(bytes)
  const isRefused =
    Binding.Check(message) &&
    message.referenceNo === referenceNo &&
    message.status === 'otp-sent' &&
    message.resultCode !== CODE_SENT
  return isRefused ? declined(message.resultCode) : readBinding(bytes, referenceNo)
}

const READ: Readonly<Record<(typeof BINDING_STATUSES)[number], (message: BindingMessage) => BindingAnswer>> =
  {
    'otp-sent': readOtpSent,
    bound: readBound,
    pending: ({ resultCode }) => pending(resultCode),
    declined: ({ resultCode }) => declined(resultCode),
    blocked: ({ resultCode }) => readEnd('blocked', resultCode),
    expired: ({ resultCode }) => readEnd('expired', resultCode),
    cancelled: ({ resultCode }) => readEnd('cancelled', resultCode),
  }

function readOtpSent(message: BindingMessage): BindingAnswer {
  const { resultCode: networkCode, networkReferenceNo, attemptsLeft } = message
  const otpExpiresAt = Date.parse(message.otpExpiresAt ?? '')
  if (networkCode !== CODE_SENT && networkCode !== CODE_WRONG) return contradiction()
  if (networkReferenceNo === undefined) return unresolved('a binding without a network reference')
  if (Number.isNaN(otpExpiresAt) || attemptsLeft === undefined) {
    return unresolved('a code without its end or its attempts')
  }
  return { kind: 'otp-sent', networkReferenceNo, networkCode, otpExpiresAt, attemptsLeft }
}

function readBound({
  resultCode: networkCode,
  networkReferenceNo,
  networkToken,
}: BindingMessage): BindingAnswer {
  if (networkCode !== DONE) return contradiction()
  if (networkReferenceNo === undefined) return unresolved('a binding without a network reference')
  if (networkToken === undefined) return unresolved('a binding without a network token')
  return { kind: 'bound', networkReferenceNo, networkCode, networkToken: new Secret(networkToken) }
}

/** Which codes explain an end that has a word of its own. */
const ENDS: Readonly<Record<'blocked' | 'expired' | 'cancelled', readonly string[]>> = {
  blocked: ['otpBlocked'],
  expired: ['otpLifetimeExpired', 'transactionExpired', 'cardExpired'],
  cancelled: ['transactionCancelled'],
}

function readEnd(kind: keyof typeof ENDS, networkCode: string): BindingAnswer {
  return ENDS[kind].includes(outcomeOf(networkCode) ?? '') ? { kind, networkCode } : contradiction()
}

/** What the network said about the unbinding, read as strictly. */
export function readUnbinding(bytes: Buffer, referenceNo: string): UnbindAnswer {
  const message = parse(bytes)
  if (!Unbinding.Check(message)) return unresolved('the answer is not an unbinding')
  if (message.referenceNo !== referenceNo) return unresolved('the answer is about another unbinding')
  const { status, resultCode } = message
  if (status === 'declined') return declined(resultCode)
  if (status === 'pending') return pending(resultCode)
  return resultCode === DONE ? { kind: 'unbound', networkCode: resultCode } : contradiction()
}

function declined(networkCode: string): Declined | Unresolved {
  const outcome = outcomeOf(networkCode)
  return outcome === undefined
    ? unresolved('an unknown result code')
    : { kind: 'declined', outcome, networkCode }
}

function pending(networkCode: string): Unresolved {
  return { ...unresolved('the issuer has not answered the network'), networkCode }
}

function contradiction(): Unresolved {
  return unresolved('an answer that contradicts itself')
}
