import { formatInstant } from '@gerbang/snap'
import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { Secret } from '../../secret.ts'
import type { BindInstruction, BindingAnswer } from '../channel.ts'
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

const STATUSES = [
  'otp-wanted',
  'otp-sent',
  'pin-wanted',
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
    status: Type.Enum(STATUSES),
    resultCode: ResultCode,
    networkReferenceNo: Type.Optional(NetworkReferenceNo),
    otpExpiresAt: Type.Optional(InstantSaid),
    attemptsLeft: Type.Optional(AttemptsLeft),
    networkToken: Type.Optional(NetworkToken),
  }),
)

type BindingMessage = ReturnType<typeof Binding.Parse>

const ASKS = 'W0'
const WRONG = '55'
const NOT_ASKED_FOR = 'X40406'

/** The binding message of bank API v1, with the telephone and, where cards are kept, what the bank knows them by. */
export function bindMessage(instruction: BindInstruction): string {
  const { subject } = instruction
  return JSON.stringify({
    referenceNo: instruction.referenceNo,
    merchantId: instruction.merchantId,
    merchantReferenceNo: instruction.merchantReferenceNo,
    customerId: instruction.customerId,
    phoneNo: instruction.phoneNo?.reveal(),
    ...(subject.kind === 'card'
      ? { card: { number: subject.cardNumber.reveal(), expiry: subject.expiry?.reveal() } }
      : { device: subject.device }),
    expiresAt: formatInstant(instruction.expiresAt),
  })
}

/** What the bank said about the binding, or `unresolved` for whatever is not a clear word about this very one. */
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
    (message.status === 'otp-sent' || message.status === 'otp-wanted') &&
    message.resultCode !== ASKS
  return isRefused ? declined(message.resultCode) : readBinding(bytes, referenceNo)
}

const READ: Readonly<Record<(typeof STATUSES)[number], (message: BindingMessage) => BindingAnswer>> = {
  'otp-wanted': readOtpWanted,
  'otp-sent': readOtpSent,
  'pin-wanted': readPinWanted,
  bound: readBound,
  pending: ({ resultCode }) => pending(resultCode),
  declined: ({ resultCode }) => declined(resultCode),
  blocked: ({ resultCode }) => readEnd('blocked', resultCode),
  expired: ({ resultCode }) => readEnd('expired', resultCode),
  cancelled: ({ resultCode }) => readEnd('cancelled', resultCode),
}

function readOtpWanted({ resultCode: networkCode, networkReferenceNo }: BindingMessage): BindingAnswer {
  if (networkCode !== ASKS && networkCode !== NOT_ASKED_FOR) return contradiction()
  if (networkReferenceNo === undefined) return unnumbered()
  return { kind: 'otp-wanted', networkReferenceNo, networkCode }
}

function readOtpSent(message: BindingMessage): BindingAnswer {
  const { resultCode: networkCode, networkReferenceNo, attemptsLeft } = message
  const otpExpiresAt = Date.parse(message.otpExpiresAt ?? '')
  if (networkCode !== ASKS && networkCode !== WRONG) return contradiction()
  if (networkReferenceNo === undefined) return unnumbered()
  if (Number.isNaN(otpExpiresAt) || attemptsLeft === undefined) {
    return unresolved('a code without its end or its attempts')
  }
  return { kind: 'otp-sent', networkReferenceNo, networkCode, otpExpiresAt, attemptsLeft }
}

function readPinWanted({
  resultCode: networkCode,
  networkReferenceNo,
  attemptsLeft,
}: BindingMessage): BindingAnswer {
  if (networkCode !== ASKS && networkCode !== WRONG) return contradiction()
  if (networkReferenceNo === undefined) return unnumbered()
  if (attemptsLeft === undefined) return unresolved('a PIN without its attempts')
  return { kind: 'pin-wanted', networkReferenceNo, networkCode, attemptsLeft }
}

function readBound({ resultCode, networkReferenceNo, networkToken }: BindingMessage): BindingAnswer {
  if (resultCode !== DONE) return contradiction()
  if (networkReferenceNo === undefined) return unnumbered()
  if (networkToken === undefined) return unresolved('a binding without a network token')
  return {
    kind: 'bound',
    networkReferenceNo,
    networkCode: resultCode,
    networkToken: new Secret(networkToken),
  }
}

function unnumbered(): BindingAnswer {
  return unresolved('a binding without a network reference')
}
