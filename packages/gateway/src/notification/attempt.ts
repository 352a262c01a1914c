import type { KeyObject } from 'node:crypto'
import { type Clock, machineTime } from '../clock.ts'
import type { Recipient } from '../partner/recipient.ts'
import { tokenUrlOf } from './address.ts'
import { masked, type Written } from './body.ts'
import { type MerchantTokens, TokenRefused } from './merchant-tokens.ts'
import { type Answer, type Letter, type Post, PostClosed, reasonOf } from './post.ts'
import { type LetterParts, shownHeaders, signedLetter } from './signed-letter.ts'

export interface AttemptDeps {
  readonly post: Post
  readonly tokens: MerchantTokens
  readonly signingKey: KeyObject
  readonly clock: Clock
}

/** What is sent to whom. */
export interface Parcel {
  readonly recipient: Recipient
  readonly channel: string
  readonly url: string
  /** The payment named another host than the one that is stored for the partner. */
  readonly isOfRequest: boolean
  readonly written: Written
  readonly device: LetterParts['device']
  /** By what the customer is named: a token of ours, or the partner's own that lets us in. */
  readonly customer: { readonly token: string } | 'merchantB2B' | undefined
}

/** What became of one attempt, as it may be kept. */
export interface Attempted {
  readonly isDelivered: boolean
  /** False when the endpoint gave no answer, or said itself that it is not well: it may be left in peace for a while. */
  readonly isAlive: boolean
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly answer: string | undefined
}

const ANSWER_KEPT_BYTES = 4096
const UNAUTHORIZED = 401
/** The partner has it already. */
const CONFLICT = 409
const TOO_MANY = 429

/**
 * Sends once; once more when it was refused as unauthorized, with a new token and with the other secret where there are two.
 * Rejects only with PostClosed.
 */
export async function attemptDelivery(deps: AttemptDeps, parcel: Parcel): Promise<Attempted> {
  const { recipient, channel, written, customer } = parcel
  const issued = typeof customer === 'object' ? customer.token : undefined
  const secrets = [...written.secrets, ...(issued === undefined ? [] : [issued])]
  let letter: Letter | undefined
  const tell = (answer: Answer | undefined, error?: unknown): Attempted => {
    const status = answer?.status ?? (error instanceof TokenRefused ? error.status : undefined)
    const isDelivered = answer !== undefined && (isSuccess(answer.status) || answer.status === CONFLICT)
    return {
      isDelivered,
      isAlive: status !== undefined && status < 500 && status !== TOO_MANY,
      status,
      reason: reasonFor(answer, error),
      headers: shownHeaders(letter?.headers ?? {}),
      body: masked(written.body, secrets),
      answer: answer && cut(masked(answer.text, secrets)),
    }
  }
  const send = (proof: LetterParts['proof']) => {
    const { partnerId } = recipient
    const { device, url, isOfRequest } = parcel
    const signed = signedLetter({
      partnerId,
      url: new URL(url),
      body: written.body,
      device,
      proof,
      customerToken: customer === 'merchantB2B' ? accessTokenOf(proof) : issued,
      now: machineTime(deps.clock),
    })
    letter = { ...signed, isOfRequest }
    return deps.post.send(letter)
  }
  const tokenUrl = tokenUrlOf(recipient, channel)
  try {
    if (tokenUrl === undefined) return tell(await send({ kind: 'asymmetric', signingKey: deps.signingKey }))
    const sendWithToken = async (secret: KeyObject) => {
      const accessToken = await deps.tokens.find(recipient.partnerId, tokenUrl)
      secrets.push(accessToken)
      const answer = await send({ kind: 'symmetric', secret, accessToken })
      if (answer.status === UNAUTHORIZED) deps.tokens.drop(recipient.partnerId, tokenUrl, accessToken)
      return answer
    }
    const [first, second = first] = recipient.clientSecrets
    if (first === undefined || second === undefined) throw new Error('The partner has no secret')
    const answer = await sendWithToken(first)
    return tell(answer.status === UNAUTHORIZED ? await sendWithToken(second) : answer)
  } catch (error) {
    if (error instanceof PostClosed) throw error
    return tell(undefined, error)
  }
}

/** What is signed with the gateway's key comes without a token of the partner's. */
function accessTokenOf(proof: LetterParts['proof']): string | undefined {
  return proof.kind === 'symmetric' ? proof.accessToken : undefined
}

function isSuccess(status: number): boolean {
  return status >= 200 && status <= 299
}

function reasonFor(answer: Answer | undefined, error: unknown): string | undefined {
  if (answer === undefined) return reasonOf(error)
  return isSuccess(answer.status) || answer.status === CONFLICT ? undefined : `HTTP ${answer.status}`
}

/** Whole characters only. */
function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= ANSWER_KEPT_BYTES) return text
  return bytes
    .subarray(0, ANSWER_KEPT_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
}
