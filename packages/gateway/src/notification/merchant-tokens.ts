import type { KeyObject } from 'node:crypto'
import { formatTimestamp, signAsymmetric, tokenStringToSign } from '@gerbang/snap'
import { type Clock, machineTime } from '../clock.ts'
import type { Post } from './post.ts'

/** The tokens with which partners let us in: each partner issues its own. */
export interface MerchantTokens {
  /** One that is still good. Whoever asks while it is being fetched gets the same. Rejects with TokenRefused, or as the post does. */
  find(partnerId: string, url: string): Promise<string>
  /** That token was refused: the next one is fetched. */
  drop(partnerId: string, url: string, token: string): void
}

export interface MerchantTokenOptions {
  readonly post: Post
  readonly signingKey: KeyObject
  readonly clock: Clock
}

/** The message names the status and never the answer. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** Before a token ends it is not used any more. */
const MARGIN_MS = 30_000
const MOST_KEPT = 10_000
const BODY = '{"grantType":"client_credentials","additionalInfo":{}}'

interface Kept {
  readonly token: string
  readonly until: number
}

export function openMerchantTokens(options: MerchantTokenOptions): MerchantTokens {
  const kept = new Map<string, Kept>()
  const underway = new Map<string, Promise<string>>()

  async function fetchToken(key: string, partnerId: string, url: string): Promise<string> {
    const fetched = await ask(options, partnerId, url)
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '')
    kept.set(key, fetched)
    return fetched.token
  }

  return {
    async find(partnerId, url) {
      const key = `${partnerId} ${url}`
      const known = kept.get(key)
      if (known !== undefined && machineTime(options.clock) < known.until) return known.token
      const asked = underway.get(key) ?? fetchToken(key, partnerId, url).finally(() => underway.delete(key))
      underway.set(key, asked)
      return asked
    },
    drop(partnerId, url, token) {
      const key = `${partnerId} ${url}`
      if (kept.get(key)?.token === token) kept.delete(key)
    },
  }
}

async function ask(
  { post, signingKey, clock }: MerchantTokenOptions,
  partnerId: string,
  url: string,
): Promise<Kept> {
  const now = machineTime(clock)
  const timestamp = formatTimestamp(now)
  const headers = {
    'Content-Type': 'application/json',
    'X-CLIENT-KEY': partnerId,
    'X-TIMESTAMP': timestamp,
    'X-SIGNATURE': signAsymmetric(signingKey, tokenStringToSign(partnerId, timestamp)),
  }
  const { status, text } = await post.send({ url: new URL(url), headers, body: BODY })
  if (status < 200 || status > 299) throw new TokenRefused(`the token URL answered HTTP ${status}`, status)
  const { accessToken, expiresIn } = parse(text)
  if (typeof accessToken !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(accessToken))
    throw new TokenRefused('the token URL answered without a token', status)
  const seconds = Number(expiresIn)
  return { token: accessToken, until: seconds > 0 ? now + seconds * 1000 - MARGIN_MS : now }
}

/** Libraries write `expiresIn` as a number or as a string, and add members of their own. */
function parse(text: string): { readonly accessToken?: unknown; readonly expiresIn?: unknown } {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
