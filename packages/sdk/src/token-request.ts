import { signAsymmetric } from '@gerbang/snap/signature'
import { tokenStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import type { Subject } from './advice.ts'
import type { Answer } from './answers.ts'
import { NoAnswerError } from './errors.ts'
import { type Attempt, attempt, pauseBefore } from './exchange.ts'
import { refusalOf } from './refusals.ts'
import type { Settings } from './settings.ts'
import { target } from './target.ts'

export interface TokenRequest {
  readonly path: string
  readonly body: object
  /** What is asked for, for the advice of a refusal. */
  readonly subject: Subject
}

/**
 * Asks one of the gateway's token endpoints, which are signed with the private key; silence, 5xx and 429 are tried
 * again. What wants the token is sent only afterwards, so nothing has moved whatever becomes of the request.
 * @throws RefusedError, NoAnswerError
 */
export async function requestToken(
  settings: Settings,
  { path, body, subject }: TokenRequest,
): Promise<Answer> {
  for (let n = 1; ; n++) {
    const result = await attempt(settings, signedRequest(settings, path, JSON.stringify(body)))
    const isLast = n > settings.retries
    if (result.kind === 'answer' && result.answer.responseCode.startsWith('200')) return result.answer
    if (isLast || !isTransient(result)) throw failure(result, { attempts: n, subject })
    await settings.pause(pauseBefore(n, result))
  }
}

function signedRequest({ baseUrl, clientId, privateKey, clock }: Settings, path: string, body: string) {
  const timestamp = formatTimestamp(clock())
  return {
    url: target(baseUrl, path),
    body,
    headers: {
      'content-type': 'application/json',
      'x-client-key': clientId,
      'x-timestamp': timestamp,
      'x-signature': signAsymmetric(privateKey, tokenStringToSign(clientId, timestamp)),
    },
  }
}

function isTransient(result: Attempt): boolean {
  return result.kind === 'silence' || result.answer.httpStatus >= 500 || result.answer.httpStatus === 429
}

function failure(
  result: Attempt,
  { attempts, subject }: { readonly attempts: number; readonly subject: Subject },
): Error {
  return result.kind === 'answer'
    ? refusalOf(result.answer, { money: 'not-moved', subject })
    : new NoAnswerError({ attempts, money: 'not-moved', subject, cause: result.cause })
}
