import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Bindings, UnbindAnswer, UnbindInstruction, VerifyInstruction } from '../channel.ts'
import { inquire, order } from './asking.ts'
import type { NetworkClients } from './client.ts'
import {
  AttemptsLeft,
  contradiction,
  DONE,
  declined,
  InstantSaid,
  parse,
  pending,
  ReferenceNo,
  ResultCode,
  unresolved,
} from './words.ts'

const Unbinding = Compile(
  Type.Object({
    referenceNo: ReferenceNo,
    status: Type.Enum(['unbound', 'otp-sent', 'declined', 'pending']),
    resultCode: ResultCode,
    otpExpiresAt: Type.Optional(InstantSaid),
    attemptsLeft: Type.Optional(AttemptsLeft),
  }),
)

type UnbindingMessage = ReturnType<typeof Unbinding.Parse>

export interface UnbindingWire {
  /** The path below which unbindings lie. */
  readonly unbindings: string
  readonly verifyMessage: (instruction: VerifyInstruction) => string
  readonly isUnbindingConfirmed?: boolean
}

/** Ending a network token over such a wire; inquiries have connections of their own. */
export function networkUnbindings(
  { client, inquiries }: NetworkClients,
  { unbindings, verifyMessage, isUnbindingConfirmed = false }: UnbindingWire,
): Pick<Bindings, 'unbind' | 'inquireUnbinding' | 'verifyUnbinding'> {
  return {
    unbind: (instruction, timeoutMs) =>
      order(client, { path: unbindings, body: unbindMessage(instruction) }, timeoutMs, (bytes) =>
        readUnbinding(bytes, instruction.referenceNo),
      ),
    inquireUnbinding: (referenceNo, timeoutMs) =>
      inquire(inquiries, { collection: unbindings, referenceNo }, timeoutMs, (bytes) =>
        readUnbinding(bytes, referenceNo),
      ),
    ...(isUnbindingConfirmed && {
      verifyUnbinding(instruction: VerifyInstruction, timeoutMs: number) {
        const { referenceNo } = instruction
        const path = `${unbindings}/${referenceNo}/verification`
        return order(client, { path, body: verifyMessage(instruction) }, timeoutMs, (bytes) =>
          readUnbinding(bytes, referenceNo),
        )
      },
    }),
  }
}

export function unbindMessage({
  referenceNo,
  merchantId,
  networkToken,
  canAskOtp,
}: UnbindInstruction): string {
  return JSON.stringify({
    referenceNo,
    merchantId,
    networkToken: networkToken.reveal(),
    ...(canAskOtp && { canAskOtp }),
  })
}

/** What the network said about the unbinding, or `unresolved` for whatever is not a clear word about this very one. */
export function readUnbinding(bytes: Buffer, referenceNo: string): UnbindAnswer {
  const message = parse(bytes)
  if (!Unbinding.Check(message)) return unresolved('the answer is not an unbinding')
  if (message.referenceNo !== referenceNo) return unresolved('the answer is about another unbinding')
  const { status, resultCode } = message
  if (status === 'declined') return declined(resultCode)
  if (status === 'pending') return pending(resultCode)
  if (status === 'otp-sent') return readOtpSent(message)
  return resultCode === DONE ? { kind: 'unbound', networkCode: resultCode } : contradiction()
}

const ASKS = 'W0'
const WRONG = '55'

function readOtpSent({ resultCode, otpExpiresAt, attemptsLeft }: UnbindingMessage): UnbindAnswer {
  if (resultCode !== ASKS && resultCode !== WRONG) return contradiction()
  const expiry = Date.parse(otpExpiresAt ?? '')
  if (Number.isNaN(expiry) || attemptsLeft === undefined)
    return unresolved('a code without its end or its attempts')
  return { kind: 'otp-sent', networkCode: resultCode, otpExpiresAt: expiry, attemptsLeft }
}
