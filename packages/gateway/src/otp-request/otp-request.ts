import type { OutcomeName } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import { findOtpRequest, writeOtpRequest } from './store.ts'

/** What a customer confirms with a one-time password. */
export interface OtpOwner {
  readonly kind: 'binding' | 'payment'
  readonly partnerId: string
  readonly referenceNo: string
}

/** A one-time password that the network was asked for. Times are epoch milliseconds. */
export interface OtpRequest {
  /** 1, 2, 3 … of a binding or payment, counted when it was claimed and whatever the network said. */
  readonly number: number
  /** X-EXTERNAL-ID of the request; undefined on the hosted page. */
  readonly externalId: string | undefined
  /** No code had been sent before. */
  readonly isFirst: boolean
  /** When the code before was to die, unknown while the network had not said so. */
  readonly otpExpiresAt: number | undefined
  readonly askedAt: number
}

/** How often a customer is sent another code. */
const MOST_RESENDS = 3

/** What a network was asked for so far. */
export interface OtpCount {
  /** Codes that took the place of another, or may have. */
  readonly resends: number
  /** Codes that were asked for, also those that the network refused. */
  readonly otpRequests: number
}

/** How many more codes the network may be asked for. A first one that has to be asked for is nobody's second. */
export function resendsLeft({ resends, otpRequests }: OtpCount, isFirstAskedFor: boolean): number {
  const most = MOST_RESENDS + (isFirstAskedFor ? 1 : 0)
  return Math.max(0, Math.min(MOST_RESENDS - resends, most - otpRequests))
}

/** The code that counts, as far as it is known. */
export interface StandingCode extends OtpCount {
  /** When the last code was asked for; undefined while none was. */
  readonly otpSentAt: number | undefined
  readonly otpExpiresAt: number | undefined
}

/**
 * Claims the next code, within the transaction of `sql` that holds the owner's lock. Returns what is known of the code that counts
 * from then on: until the network has said which, and until when, nothing. `now` in epoch milliseconds.
 */
export async function claimOtpRequest(
  sql: Sql,
  owner: OtpOwner,
  {
    before,
    externalId,
    now,
  }: { readonly before: StandingCode; readonly externalId: string | undefined; readonly now: number },
): Promise<StandingCode> {
  const { resends, otpSentAt, otpExpiresAt } = before
  const isFirst = otpSentAt === undefined
  const otpRequests = before.otpRequests + 1
  await writeOtpRequest(sql, owner, { number: otpRequests, externalId, isFirst, otpExpiresAt, askedAt: now })
  return { resends: resends + (isFirst ? 0 : 1), otpRequests, otpSentAt: now, otpExpiresAt: undefined }
}

/** The network sends none: the code before counts as it did. The next may be asked for as late as if there were a new one. */
export function refusedCode(before: StandingCode, asked: StandingCode): StandingCode {
  const { resends, otpExpiresAt } = before
  const otpSentAt = before.otpSentAt === undefined ? undefined : asked.otpSentAt
  return { resends, otpRequests: asked.otpRequests, otpSentAt, otpExpiresAt }
}

/** The code whose request came under that external id and whose process has had the time to end. `now` in epoch milliseconds. */
export async function findLostRequest(
  sql: Sql,
  owner: OtpOwner,
  {
    externalId,
    now,
    longestRequestMs,
  }: { readonly externalId: string; readonly now: number; readonly longestRequestMs: number },
): Promise<OtpRequest | undefined> {
  const asked = await findOtpRequest(sql, owner, externalId)
  return asked !== undefined && now >= asked.askedAt + longestRequestMs ? asked : undefined
}

/**
 * What became of such a request, while its owner still waits for a code: another end of the code is another code.
 * `requestInProgress` while that cannot be told.
 */
export function outcomeOfLost(
  { number, isFirst, otpExpiresAt: before }: OtpRequest,
  { otpRequests, otpExpiresAt }: Pick<StandingCode, 'otpRequests' | 'otpExpiresAt'>,
  now: number,
): OutcomeName {
  if (number < otpRequests) return 'timeout'
  if (otpExpiresAt === undefined) return 'requestInProgress'
  if (now >= otpExpiresAt) return 'otpLifetimeExpired'
  if (!isFirst && before === undefined) return 'requestInProgress'
  return otpExpiresAt === before ? 'timeout' : 'successful'
}
