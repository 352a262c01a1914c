import { inspect } from 'node:util'
import type { Subject } from './advice.ts'
import type { Answer } from './answers.ts'

/** One call of the gateway: what is sent, and how a 2xx answer is read. */
export interface Operation<Result> {
  readonly path: string
  readonly subject: Subject
  readonly body: Readonly<Record<string, unknown>>
  /** Besides those that every call has. */
  readonly headers?: Readonly<Record<string, string>>
  /** The caller's own X-EXTERNAL-ID. */
  readonly externalId?: string | undefined
  readonly read: (answer: Answer, externalId: string) => Result
}

/** What every result carries. */
export interface Replied {
  readonly externalId: string
  readonly responseCode: string
  readonly responseMessage: string
  /** True when this is the stored answer of an earlier attempt with the same externalId. */
  readonly isReplay: boolean
  /** The whole reply. */
  readonly reply: Readonly<Record<string, unknown>>
}

export function replied(answer: Answer, externalId: string): Replied {
  return {
    externalId,
    responseCode: answer.responseCode,
    responseMessage: answer.responseMessage,
    isReplay: answer.replayed,
    reply: answer.body,
  }
}

/** Only `200…00` says that it is done. */
export function isDone({ responseCode }: Answer): boolean {
  return responseCode.startsWith('200') && responseCode.endsWith('00')
}

const CONCEALED = new Set([
  'bankCardToken',
  'chargeToken',
  'tokenId',
  'accessToken',
  'refreshToken',
  'authCode',
  'redirectUrl',
  'webRedirectUrl',
])

/** The same object, which prints without the tokens in it. `JSON.stringify` keeps them: they are there to be stored. */
export function conceal<Result extends object>(result: Result): Result {
  return Object.defineProperty(result, inspect.custom, { value: () => concealed(result), enumerable: false })
}

function concealed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(concealed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      CONCEALED.has(name) && member !== undefined ? '[redacted]' : concealed(member),
    ]),
  )
}
