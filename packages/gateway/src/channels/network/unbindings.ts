import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Bindings, UnbindAnswer, UnbindInstruction } from '../channel.ts'
import { inquire, order } from './asking.ts'
import type { NetworkClients } from './client.ts'
import {
  contradiction,
  DONE,
  declined,
  parse,
  pending,
  ReferenceNo,
  ResultCode,
  unresolved,
} from './words.ts'

const Unbinding = Compile(
  Type.Object({
    referenceNo: ReferenceNo,
    status: Type.Enum(['unbound', 'declined', 'pending']),
    resultCode: ResultCode,
  }),
)

/** Ending a network token at `path`; inquiries have connections of their own. */
export function networkUnbindings(
  { client, inquiries }: NetworkClients,
  path: string,
): Pick<Bindings, 'unbind' | 'inquireUnbinding'> {
  return {
    unbind: (instruction, timeoutMs) =>
      order(client, { path, body: unbindMessage(instruction) }, timeoutMs, (bytes) =>
        readUnbinding(bytes, instruction.referenceNo),
      ),
    inquireUnbinding: (referenceNo, timeoutMs) =>
      inquire(inquiries, { collection: path, referenceNo }, timeoutMs, (bytes) =>
        readUnbinding(bytes, referenceNo),
      ),
  }
}

export function unbindMessage({ referenceNo, merchantId, networkToken }: UnbindInstruction): string {
  return JSON.stringify({ referenceNo, merchantId, networkToken: networkToken.reveal() })
}

/** What the network said about the unbinding, or `unresolved` for whatever is not a clear word about this very one. */
export function readUnbinding(bytes: Buffer, referenceNo: string): UnbindAnswer {
  const message = parse(bytes)
  if (!Unbinding.Check(message)) return unresolved('the answer is not an unbinding')
  if (message.referenceNo !== referenceNo) return unresolved('the answer is about another unbinding')
  const { status, resultCode } = message
  if (status === 'declined') return declined(resultCode)
  if (status === 'pending') return pending(resultCode)
  return resultCode === DONE ? { kind: 'unbound', networkCode: resultCode } : contradiction()
}
