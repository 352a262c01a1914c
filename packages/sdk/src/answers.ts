import { type Money, OUTCOMES, type OutcomeName, outcomeByCase } from '@gerbang/snap/response-codes'

export type { Money, OutcomeName }

/** A string of which the known values are listed: a newer gateway may send others. */
export type OtherString = string & Record<never, never>

/** One HTTP answer that carries a SNAP body. */
export interface Answer {
  readonly httpStatus: number
  readonly responseCode: string
  readonly responseMessage: string
  readonly body: Readonly<Record<string, unknown>>
  /** The gateway sent the stored answer of an earlier attempt with the same externalId (HTTP 409). */
  readonly replayed: boolean
  /** How long the gateway asks to wait, when it says so. */
  readonly retryAfterMs?: number
}

/**
 * Reads an HTTP answer as SNAP. A body whose code contradicts the HTTP status is no answer (a proxy may have
 * made one of the two) with one exception: HTTP 409 around another code is the stored answer of an earlier attempt.
 */
export function readAnswer(httpStatus: number, text: string): Answer | undefined {
  const body = parseObject(text)
  const { responseCode, responseMessage } = body ?? {}
  if (body === undefined || typeof responseCode !== 'string' || !/^\d{7}$/.test(responseCode))
    return undefined
  const replayed = httpStatus === 409 && !responseCode.startsWith('409')
  if (!replayed && Number(responseCode.slice(0, 3)) !== httpStatus) return undefined
  return {
    httpStatus,
    responseCode,
    responseMessage: typeof responseMessage === 'string' ? responseMessage : '',
    body,
    replayed,
  }
}

/** The outcome that a 7-character response code names, or the code itself when this version does not know it. */
export function outcomeOf(responseCode: string): OutcomeName | OtherString {
  return knownOutcome(responseCode) ?? responseCode
}

/** What a response code says about money. A code that this version does not know says nothing. */
export function moneyOf(responseCode: string): Money {
  const name = knownOutcome(responseCode)
  return name === undefined ? 'unknown' : OUTCOMES[name].money
}

function knownOutcome(responseCode: string): OutcomeName | undefined {
  return outcomeByCase(responseCode.slice(0, 3) + responseCode.slice(5))
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** A member when it is an object; else an object without members. */
export function objectMember(
  body: Readonly<Record<string, unknown>>,
  name: string,
): Readonly<Record<string, unknown>> {
  const value = body[name]
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

/** The digits of a SNAP amount, `"10000.00"`, when the member holds one. */
export function amountMember(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return textMember(objectMember(body, name), 'value')
}

/** A member when it is a non-empty string. */
export function textMember(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
