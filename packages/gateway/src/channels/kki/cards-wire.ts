import { formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Secret } from '../../secret.ts'
import type { BindInstruction, BindingAnswer, VerifyInstruction } from '../channel.ts'
import {
  AttemptsLeft,
  contradiction,
  DONE,
  declined,
  InstantSaid,
  NetworkReferenceNo,
  NetworkToken,
  parse,
  pending,
  ReferenceNo,
  ResultCode,
  readEnd,
  unresolved,
} from '../network/words.ts'

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
    referenceNo: ReferenceNo,
    status: Type.Enum(BINDING_STATUSES),
    resultCode: ResultCode,
    networkReferenceNo: Type.Optional(NetworkReferenceNo),
    otpExpiresAt: Type.Optional(InstantSaid),
    attemptsLeft: Type.Optional(AttemptsLeft),
    networkToken: Type.Optional(NetworkToken),
  }),
)

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
