import type { ChannelAnswer, NotFound, Unresolved } from '../channel.ts'
import type { NetworkClient } from './client.ts'
import { isNotFound, unresolved } from './words.ts'

/** A call that may be repeated with the same names. */
export interface Order {
  readonly path: string
  readonly body?: string
}

/**
 * Tells the network to do something. Nothing but an answer is a clear word here, not even a refused connection: the
 * order may be the repetition of one that arrived.
 */
export async function order<Answer>(
  client: NetworkClient,
  { path, body }: Order,
  timeoutMs: number,
  read: (bytes: Buffer) => Answer,
): Promise<Answer | Unresolved> {
  const request = { method: 'POST' as const, path, ...(body === undefined ? {} : { body }) }
  const answer = await client.send(request, timeoutMs).catch(silence)
  if ('kind' in answer) return answer
  return answer.status === 200 ? read(answer.body) : unresolved(`the network answered HTTP ${answer.status}`)
}

/** Asks what became of the thing that `referenceNo` names, at the path that ends with it. */
export async function inquire<Answer>(
  client: NetworkClient,
  { collection, referenceNo }: { readonly collection: string; readonly referenceNo: string },
  timeoutMs: number,
  read: (bytes: Buffer) => Answer,
): Promise<Answer | Unresolved | NotFound> {
  const path = `${collection}/${referenceNo}`
  const answer = await client.send({ method: 'GET', path }, timeoutMs).catch(silence)
  if ('kind' in answer) return answer
  if (answer.status === 200) return read(answer.body)
  if (answer.status === 404 && isNotFound(answer.body, referenceNo)) return { kind: 'not-found' }
  return unresolved(`the network answered HTTP ${answer.status}`)
}

/** The cause is for the operator: the kind of the failure, never the message that was sent. */
export function silence(error: unknown): Unresolved {
  const { name, code } = error as { name?: string; code?: string }
  return unresolved(`no answer from the network (${code ?? name ?? 'unknown'})`)
}

/**
 * Tells the network to charge, for the first and only time: without a connection nothing was sent, and that is the one
 * silence which is a no.
 */
export async function chargeOnce(
  client: NetworkClient,
  { path, body }: Order,
  timeoutMs: number,
  read: (bytes: Buffer) => ChannelAnswer,
): Promise<ChannelAnswer> {
  const request = { method: 'POST' as const, path, ...(body === undefined ? {} : { body }) }
  const answer = await client.send(request, timeoutMs).catch(unsentOrSilent)
  if ('kind' in answer) return answer
  return answer.status === 200 ? read(answer.body) : unresolved(`the network answered HTTP ${answer.status}`)
}

const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'UND_ERR_CONNECT_TIMEOUT',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function unsentOrSilent(error: unknown): ChannelAnswer {
  const { code, syscall } = error as { code?: string; syscall?: string }
  // A route that is lost under an established connection has the same code: what was sent may have arrived.
  const isWhileConnecting = syscall === undefined || syscall === 'connect' || syscall === 'getaddrinfo'
  if (code === undefined || !NEVER_CONNECTED.has(code) || !isWhileConnecting) return silence(error)
  return { kind: 'declined', outcome: 'externalServerError', networkCode: 'unreachable' }
}
