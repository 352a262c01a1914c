import type { ServerResponse } from 'node:http'
import { answer, answerText, type Exchange } from './answers.ts'
import type { Fault, Operation } from './contract.ts'
import type { FaultNames, Faults, NextFault } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { Plan } from './plan.ts'

/** Calls `action` later, unless it is called off or the simulator closes before. */
export type After = (delayMs: number, action: () => void) => () => void

export interface Reply {
  readonly status: number
  readonly body: unknown
}

/** Something that was done, and when its caller is to hear what of it. */
export interface Done {
  readonly answer: Plan['answer']
  /** Milliseconds until it resolves by itself. */
  leftMs(): number
  /** What is true of it now. */
  reply(): Reply
}

/** A call of the network: does it, and with which faults it may be met. */
export interface Call {
  readonly operation: Operation
  readonly names: FaultNames
  /** Done twice when the fault is a duplicate. */
  perform(controlCase: string | undefined): Done
}

export interface Answering {
  /** Performs the call and answers it, or does not, as its plan and the next fault want it. */
  play(exchange: Exchange, call: Call): void
  /** Says nothing until the client gives up. */
  hold(response: ServerResponse): void
}

export interface AnsweringParts {
  readonly faults: Faults
  readonly ledger: Ledger
  /** By the simulator's clock. */
  readonly after: After
  /** By the machine's, for connections. */
  readonly afterReal: After
}

/** Silence ends when the client gives up; this is for clients that never do. */
const LONGEST_SILENCE_MS = 120_000

type Transport = (response: ServerResponse, done: Done, fault: NextFault) => void

/** Runs `send` once everything is in the ledger's file; breaks the connection when the file refused it. */
export function whenWritten(ledger: Ledger, response: ServerResponse, send: () => void) {
  ledger.whenWritten((written) => (written ? send() : response.destroy()))
}

/** What is done with a word that is final, or that nobody waits for. */
export function doneNow(reply: () => Reply): Done {
  return { answer: 'now', leftMs: () => 0, reply }
}

export function openAnswering({ faults, ledger, after, afterReal }: AnsweringParts): Answering {
  function hold(response: ServerResponse) {
    response.once(
      'close',
      afterReal(LONGEST_SILENCE_MS, () => void response.destroy()),
    )
  }

  function answerNow(response: ServerResponse, done: Done) {
    const { status, body } = done.reply()
    whenWritten(ledger, response, () => answer(response, status, body))
  }

  /** A timer may fire a moment before the clock agrees: then the rest is waited for. */
  function answerWhenResolved(response: ServerResponse, done: Done) {
    const leftMs = done.leftMs()
    if (leftMs <= 0) answerNow(response, done)
    else after(leftMs, () => answerWhenResolved(response, done))
  }

  function answerAsPlanned(response: ServerResponse, done: Done) {
    if (done.answer === 'now') answerNow(response, done)
    else if (done.answer === 'never') hold(response)
    else answerWhenResolved(response, done)
  }

  const unreadable = (text: string) => (response: ServerResponse) =>
    whenWritten(ledger, response, () => answerText(response, 200, text))

  /** What becomes of the answer once the call has been performed; other faults let it go as planned. */
  const transports: Partial<Record<Fault, Transport>> = {
    'drop-after': (response) => whenWritten(ledger, response, () => void response.destroy()),
    late: (response, done, fault) => void after(fault.delayMs, () => answerAsPlanned(response, done)),
    garbage: unreadable('<html>502 Bad Gateway'),
    empty: unreadable(''),
  }

  function send(response: ServerResponse, done: Done, fault: NextFault | undefined) {
    const transport = fault?.fault && transports[fault.fault]
    if (transport) transport(response, done, fault)
    else answerAsPlanned(response, done)
  }

  return {
    hold,
    play({ request, response }, call) {
      const fault = faults.take(call.operation, call.names)
      const perform = () => {
        const done = call.perform(fault?.caseCode)
        if (fault?.fault === 'duplicate') call.perform(fault.caseCode)
        send(response, done, fault)
      }
      if (fault?.fault === 'drop-before') request.socket.destroy()
      else if (fault?.fault === 'reset') request.socket.resetAndDestroy()
      else if (fault?.fault === 'slow') after(fault.delayMs, perform)
      else perform()
    },
  }
}
