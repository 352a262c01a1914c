import { ChangeRefused, type RefusalKind } from '../partner/refused.ts'

/** RFC 9457, with a word of our own that programs can tell apart. */
export interface Problem {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly detail: string
}

export const PROBLEMS = {
  invalid: { status: 400, title: 'Bad Request' },
  unauthorized: { status: 401, title: 'Unauthorized' },
  unknown: { status: 404, title: 'Not Found' },
  conflict: { status: 409, title: 'Conflict' },
  stale: { status: 412, title: 'Precondition Failed' },
  'too-large': { status: 413, title: 'Content Too Large' },
  'not-json': { status: 415, title: 'Unsupported Media Type' },
  'wrong-host': { status: 421, title: 'Misdirected Request' },
  'too-many-bad-keys': { status: 429, title: 'Too Many Requests' },
  fault: { status: 500, title: 'Internal Server Error' },
} as const satisfies Record<RefusalKind | string, { status: number; title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** A refusal of the admin API. The message is told to whoever asked. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly code: ProblemCode

  constructor(code: ProblemCode, message: string) {
    super(message)
    this.code = code
  }
}

export function problemOf(code: ProblemCode, detail: string): Problem {
  return { type: 'about:blank', ...PROBLEMS[code], code, detail }
}

const FRAMEWORK: Readonly<Record<string, { code: ProblemCode; detail: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'too-large', detail: 'The body is too long' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'not-json', detail: 'The body has to be application/json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'invalid', detail: 'The body is missing' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'invalid', detail: 'The body is not JSON' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'invalid', detail: 'The body is not as long as was said' },
  FST_ERR_BAD_URL: { code: 'invalid', detail: 'The path cannot be read' },
}

/** The one place where an error becomes a problem. Undefined members of `fault` are refusals; a fault is described to nobody. */
export function explain(error: unknown): { readonly problem: Problem; readonly fault?: unknown } {
  if (error instanceof Refused) return { problem: problemOf(error.code, error.message) }
  if (error instanceof ChangeRefused) return { problem: problemOf(error.kind, error.message) }
  const { code, validation, validationContext } = Object(error) as Record<string, unknown>
  if (Array.isArray(validation))
    return { problem: problemOf('invalid', validationDetail(validation, validationContext)) }
  const known = FRAMEWORK[String(code)]
  if (known !== undefined) return { problem: problemOf(known.code, known.detail) }
  return { problem: problemOf('fault', 'Something of the gateway is broken: see its log'), fault: error }
}

/** Where it is wrong and what is wanted there; what stood there may be a secret and is not repeated. */
function validationDetail(validation: readonly unknown[], context: unknown): string {
  const { instancePath, message } = Object(validation[0]) as Record<string, unknown>
  return `${context ?? 'request'}${instancePath ?? ''} ${message ?? 'is not as it has to be'}`
}
