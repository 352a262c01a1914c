import { signAsymmetric } from '@gerbang/snap/signature'
import { tokenStringToSign } from '@gerbang/snap/string-to-sign'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { type Answer, textMember } from './answers.ts'
import { NoAnswerError, RefusedError } from './errors.ts'
import { type Attempt, attempt, pauseBefore } from './exchange.ts'
import type { Settings } from './settings.ts'
import { target } from './target.ts'

const PATH = '/authorization/v1/access-token/b2b'
const BODY = '{"grantType":"client_credentials"}'
const RENEW_EARLY_MS = 60_000

interface Held {
  readonly token: string
  readonly renewAt: number
}

/** The B2B access token: fetched when first needed, shared by concurrent calls, renewed before it expires. */
export class AccessTokens {
  readonly #settings: Settings
  #held: Held | undefined
  #pending: Promise<Held> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async current(): Promise<string> {
    if (this.#held !== undefined && this.#settings.clock() < this.#held.renewAt) return this.#held.token
    this.#pending ??= this.#fetch().finally(() => {
      this.#pending = undefined
    })
    return (await this.#pending).token
  }

  /** Forgets a token that the gateway refused. A newer one, fetched meanwhile by another call, stays. */
  forget(token: string): void {
    if (this.#held?.token === token) this.#held = undefined
  }

  async #fetch(): Promise<Held> {
    this.#held = readToken(await this.#ask(), this.#settings.clock())
    return this.#held
  }

  async #ask(): Promise<Answer> {
    for (let n = 1; ; n++) {
      const result = await attempt(this.#settings, this.#request())
      const isLast = n > this.#settings.retries
      if (result.kind === 'answer' && result.answer.responseCode.startsWith('200')) return result.answer
      if (isLast || !isTransient(result)) throw tokenFailure(result, n)
      await this.#settings.pause(pauseBefore(n, result.kind === 'answer' ? result.retryAfterMs : undefined))
    }
  }

  #request() {
    const { baseUrl, clientId, privateKey, clock } = this.#settings
    const timestamp = formatTimestamp(clock())
    return {
      url: target(baseUrl, PATH),
      body: BODY,
      headers: {
        'content-type': 'application/json',
        'x-client-key': clientId,
        'x-timestamp': timestamp,
        'x-signature': signAsymmetric(privateKey, tokenStringToSign(clientId, timestamp)),
      },
    }
  }
}

function readToken(answer: Answer, now: number): Held {
  const token = textMember(answer.body, 'accessToken')
  const seconds = Number(answer.body.expiresIn)
  if (token === undefined || !(seconds > 0)) {
    throw new NoAnswerError({
      attempts: 1,
      money: 'not-moved',
      cause: new Error('token answer without a token'),
    })
  }
  const lifetimeMs = seconds * 1000
  return { token, renewAt: now + lifetimeMs - Math.min(RENEW_EARLY_MS, lifetimeMs / 5) }
}

function isTransient(result: Attempt): boolean {
  return result.kind === 'silence' || result.answer.httpStatus >= 500 || result.answer.httpStatus === 429
}

// The payment itself is sent only with a token, so nothing has moved whatever became of this request.
function tokenFailure(result: Attempt, attempts: number): Error {
  return result.kind === 'answer'
    ? new RefusedError(result.answer, { money: 'not-moved' })
    : new NoAnswerError({ attempts, money: 'not-moved', cause: result.cause })
}
