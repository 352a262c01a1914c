import { signSymmetric } from '@gerbang/snap/signature'
import { hashBody, symmetricStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import type { AccessTokens } from './access-tokens.ts'
import { movesMoney, type Subject } from './advice.ts'
import type { Answer, Money } from './answers.ts'
import { NoAnswerError, RefusedError } from './errors.ts'
import { type Attempt, attempt, pauseBefore } from './exchange.ts'
import { refusalOf } from './refusals.ts'
import type { Settings } from './settings.ts'
import { target } from './target.ts'

export interface SignedCall {
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** Made before the first attempt and sent with every one: this is what keeps a retry from paying twice. */
  readonly externalId: string
  readonly subject: Subject
  /** Besides those that every call has. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Concluded {
  readonly answer: Answer
  /** An earlier attempt went out and its fate is not known; the answer speaks of the last attempt only. */
  readonly isEarlierOpen: boolean
}

/**
 * Sends a signed request until it is answered, at most `1 + retries` times, with the same externalId and bytes.
 * @throws NoAnswerError when the last attempt met silence, RefusedError when no access token is to be had.
 */
export async function send(settings: Settings, tokens: AccessTokens, call: SignedCall): Promise<Concluded> {
  const body = JSON.stringify(call.body)
  let isEarlierOpen = false
  let isTokenRenewed = false
  for (let n = 1; ; n++) {
    const token = await tokenFor(tokens, { n, isEarlierOpen, call })
    const result = await attempt(settings, signedRequest(settings, { ...call, body, token }))
    if (isTokenRefused(result) && !isTokenRenewed) {
      tokens.forget(token)
      isTokenRenewed = true
      n--
      continue
    }
    if (result.kind === 'answer' && (n > settings.retries || !shouldRepeat(result.answer, isEarlierOpen))) {
      return { answer: result.answer, isEarlierOpen }
    }
    isEarlierOpen ||= leavesOpen(result)
    if (result.kind === 'silence' && n > settings.retries) {
      throw silence(result.cause, { n, isEarlierOpen, call })
    }
    await settings.pause(pauseBefore(n, result))
  }
}

interface Progress {
  readonly n: number
  readonly isEarlierOpen: boolean
  readonly call: SignedCall
}

// A failed renewal in mid-payment must not hide that an earlier attempt may have paid.
async function tokenFor(tokens: AccessTokens, progress: Progress): Promise<string> {
  try {
    return await tokens.current()
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw silence(cause, progress)
    const { externalId, subject } = progress.call
    throw refusalOf(cause, { externalId, subject, money: moneyWithoutAnswer(progress) })
  }
}

function silence(cause: unknown, progress: Progress): NoAnswerError {
  const { externalId, subject } = progress.call
  const money = moneyWithoutAnswer(progress)
  return new NoAnswerError({ attempts: progress.n, money, externalId, subject, cause })
}

// A question about an earlier payment knows nothing of its money when it never left; what keeps cards moves none.
function moneyWithoutAnswer({ isEarlierOpen, call }: Progress): Money {
  if (!movesMoney(call.subject)) return 'not-moved'
  return isEarlierOpen || call.subject === 'status' ? 'unknown' : 'not-moved'
}

/**
 * What a refusal says about the money. After an open attempt it speaks for itself only when it is the stored answer:
 * another one may have been given before the gateway looked for the earlier attempt. A conflict speaks of an earlier
 * request by its nature. `undefined`: what its response code says.
 */
export function moneyAfterRefusal({ answer, isEarlierOpen }: Concluded, subject: Subject): Money | undefined {
  if (!movesMoney(subject)) return 'not-moved'
  if (subject === 'status') return 'unknown'
  if (answer.replayed) return undefined
  return isEarlierOpen || answer.httpStatus === 409 ? 'unknown' : undefined
}

function signedRequest(
  settings: Settings,
  call: Omit<SignedCall, 'body'> & { readonly body: string; readonly token: string },
) {
  const url = target(settings.baseUrl, call.path)
  const timestamp = formatTimestamp(settings.clock())
  const stringToSign = symmetricStringToSign({
    method: 'POST',
    target: url.pathname,
    accessToken: call.token,
    bodyHash: hashBody(Buffer.from(call.body)),
    timestamp,
  })
  return {
    url,
    body: call.body,
    headers: {
      ...call.headers,
      'content-type': 'application/json',
      authorization: `Bearer ${call.token}`,
      'x-partner-id': settings.clientId,
      'x-external-id': call.externalId,
      'x-timestamp': timestamp,
      'x-signature': signSymmetric(settings.clientSecret, stringToSign),
    },
  }
}

function isTokenRefused(result: Attempt): boolean {
  return (
    result.kind === 'answer' && result.answer.httpStatus === 401 && result.answer.responseCode.endsWith('01')
  )
}

// Conflict after an open attempt means that the attempt is still running: its answer will be there in a moment.
function shouldRepeat({ httpStatus, responseCode, replayed }: Answer, isEarlierOpen: boolean): boolean {
  if (replayed) return false
  return (
    httpStatus >= 500 ||
    httpStatus === 429 ||
    (isEarlierOpen && httpStatus === 409 && responseCode.endsWith('00'))
  )
}

// 429 is said before anything is done. Everything else that is repeated may have reached the network.
function leavesOpen(result: Attempt): boolean {
  return result.kind === 'silence' ? result.maybeSent : result.answer.httpStatus !== 429
}
