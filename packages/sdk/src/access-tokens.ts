import { type Answer, textMember } from './answers.ts'
import { NoAnswerError } from './errors.ts'
import type { Settings } from './settings.ts'
import { requestToken } from './token-request.ts'

const PATH = '/authorization/v1/access-token/b2b'
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
    const answer = await requestToken(this.#settings, {
      path: PATH,
      body: { grantType: 'client_credentials' },
      subject: 'payment',
    })
    this.#held = readToken(answer, this.#settings.clock())
    return this.#held
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
