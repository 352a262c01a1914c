import type { SnapClient } from '@gerbang/sdk'
import { CommandFailure, EXIT } from '../failure.ts'

/** What a flow is played with. */
export interface Values {
  readonly amount: string
  readonly reference: string
  readonly customer: string
  readonly phone: string
  readonly cpan: string
}

/** One call of a flow, as it was answered. */
export interface Step {
  readonly call: string
  /** Of the payment, refund or binding. */
  readonly number: string
  /** `2005400 Successful`. */
  readonly answer: string
}

/** Where a flow is played: a client, its values, and whoever hears of each step. */
export interface Stage {
  readonly client: SnapClient
  readonly values: Values
  /** HTTP status and case, five digits, when a certain end is wanted. */
  readonly caseCode: string | undefined
  readonly tell: (step: Step) => void
}

/** Each call throws a RefusedError when the gateway says no. */
interface Answered {
  readonly responseCode: string
  readonly responseMessage: string
}

/** Makes a call that has to be answered with yes. @throws CommandFailure when it is refused */
export async function expectDone<Result extends Answered>(
  stage: Stage,
  call: string,
  number: string,
  act: () => Promise<Result>,
): Promise<Result> {
  const result = await attempt(stage, call, number, act)
  if (!(result instanceof Error)) return result
  throw otherwise(`${call} was refused with ${result.message}`)
}

/** Makes a call that has to be refused. Undefined when it was, else what it was answered instead. */
export async function tryRefused<Result extends Answered>(
  stage: Stage,
  call: string,
  number: string,
  act: () => Promise<Result>,
): Promise<Result | undefined> {
  const result = await attempt(stage, call, number, act)
  return result instanceof Error ? undefined : result
}

/** A flow that took another way than its name says. */
export function otherwise(what: string): CommandFailure {
  return new CommandFailure(EXIT.failedCheck, `It ended otherwise: ${what}`)
}

async function attempt<Result extends Answered>(
  { tell }: Stage,
  call: string,
  number: string,
  act: () => Promise<Result>,
): Promise<Result | Error> {
  const { RefusedError } = await import('@gerbang/sdk')
  try {
    const result = await act()
    tell({ call, number, answer: `${result.responseCode} ${result.responseMessage}` })
    return result
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    tell({ call, number, answer: `${error.responseCode} ${error.responseMessage}` })
    return error
  }
}
