import { type Contract, type HeaderValues, pathsOf, SERVICE_CODES, SnapError } from '@gerbang/snap'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Line } from '../line.ts'
import type { StoredReply } from '../reply.ts'
import { type AuthDeps, authenticate, type Caller, type Incoming } from './authenticate.ts'
import { knowProfileFirst } from './profile.ts'
import { findRefusal, parseBody } from './read-body.ts'
import { readTransactionFirst } from './signed-headers.ts'

/** A request of a partner that signed it, with a body that keeps to its contract. */
export interface SignedCall<Body> {
  readonly caller: Caller
  readonly body: Body
  readonly headers: HeaderValues
  readonly line: Line
}

export interface SignedOperation<Body> {
  readonly contract: Contract
  readonly handle: (call: SignedCall<Body>) => Promise<StoredReply>
  /** Asked when the body is at fault, or its channel is off: an external id that is used up comes before both. */
  readonly isUsed?: (caller: Caller) => Promise<boolean>
  /** Answers a refusal of the body where the channel that it names has a number of its own for the operation; else throws it on. */
  readonly refuse?: (
    request: { readonly caller: Caller; readonly body: unknown },
    refusal: SnapError,
  ) => StoredReply
  /** Clients go on sending the token of a customer who has left: where that says who it was, it is no fault. */
  readonly takesFormerCustomers?: true
}

/** Binds a signed operation to its paths: authenticate, read the body, answer with the text that the operation gives. */
export function addSignedRoute<Body>(
  app: FastifyInstance,
  auth: AuthDeps,
  operation: SignedOperation<Body>,
): void {
  const { contract } = operation
  const { doku, snap } = SERVICE_CODES[contract.operation]
  const options = {
    config: { operation: contract.operation },
    // Only where the profiles number an operation differently does a refusal depend on whose request it is.
    onRequest: [
      ...(doku === snap ? [] : [knowProfileFirst(auth.directory)]),
      readTransactionFirst(contract.headers),
    ],
  }
  const answer = async (request: FastifyRequest, reply: FastifyReply) => {
    const incoming = incomingOf(request)
    const caller = await authenticate(auth, incoming, request.transactionHeaders, {
      takesFormer: operation.takesFormerCustomers,
    })
    const { line } = request
    const body = caller.isReadable ? parseBody(incoming.body) : undefined
    const refusal = caller.isReadable
      ? (findRefusal(contract, body) ?? auth.gates.refuseChannel(caller.partner, contract.operation, body))
      : new SnapError('badRequest')
    const given =
      refusal === undefined
        ? await operation.handle({ caller, body: body as Body, headers: request.headers, line })
        : await refuse(operation, { caller, body }, refusal)
    // The standard's rule: who asks again is told no more than that.
    const isBare = given.isRepeated === true && caller.partner.idempotencyProfile === 'snap'
    const { status, text } = isBare
      ? refuseWith(operation, { caller, body }, new SnapError('conflict'))
      : given
    return reply.code(status).send(text)
  }
  for (const path of pathsOf(contract)) app.post(path, options, answer)
}

async function refuse(operation: Refusing, request: Refused, refusal: SnapError): Promise<StoredReply> {
  const isUsed = await operation.isUsed?.(request.caller)
  return refuseWith(operation, request, isUsed ? new SnapError('conflict') : refusal)
}

type Refusing = Pick<SignedOperation<never>, 'isUsed' | 'refuse'>
type Refused = { readonly caller: Caller; readonly body: unknown }

function refuseWith({ refuse: refuseByName }: Refusing, request: Refused, refusal: SnapError): StoredReply {
  if (refuseByName === undefined) throw refusal
  return refuseByName(request, refusal)
}

function incomingOf(request: FastifyRequest): Incoming {
  return {
    method: request.method,
    target: request.raw.url ?? '/',
    headers: request.headers,
    body: bodyOf(request),
    line: request.line,
  }
}

export function bodyOf(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
}
