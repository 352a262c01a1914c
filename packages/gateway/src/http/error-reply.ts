import {
  type Operation,
  OUTCOMES,
  type OutcomeName,
  type Profile,
  responseCode,
  responseMessage,
  SnapError,
} from '@gerbang/snap'
import { DatabaseBusy, DatabaseSilent } from '../database/lane.ts'
import type { StoredReply } from '../reply.ts'

export interface ErrorReply extends StoredReply {
  readonly outcome: OutcomeName
  /** Set when the error is not the caller's: it belongs into the log and never into the reply. */
  readonly fault?: unknown
}

/** The one place where an error becomes a reply. What is not a SnapError is a fault of ours and is not described. */
export function errorReply(error: unknown, operation: Operation, profile?: Profile): ErrorReply {
  const { outcome, detail, fault } = explain(error)
  const words = {
    responseCode: responseCode(operation, outcome, profile),
    responseMessage: responseMessage(outcome, detail),
  }
  return {
    status: OUTCOMES[outcome].status,
    text: JSON.stringify(words),
    outcome,
    ...(fault !== undefined && { fault }),
  }
}

interface Explanation {
  readonly outcome: OutcomeName
  readonly detail?: string | undefined
  readonly fault?: unknown
}

function explain(error: unknown): Explanation {
  if (error instanceof SnapError) return { outcome: error.outcome, detail: error.detail, fault: error.cause }
  if (error instanceof DatabaseBusy) return { outcome: 'tooManyRequests', fault: error }
  if (error instanceof DatabaseSilent) return { outcome: 'internalServerError', fault: error }
  return {
    outcome: REFUSALS_OF_FASTIFY[codeOf(error)] ?? 'generalError',
    fault: codeOf(error) in REFUSALS_OF_FASTIFY ? undefined : error,
  }
}

const REFUSALS_OF_FASTIFY: Readonly<Record<string, OutcomeName>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'badRequest',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'badRequest',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'badRequest',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'badRequest',
  FST_ERR_BAD_URL: 'badRequest',
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null)?.code ?? '')
}
