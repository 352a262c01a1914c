import type { ServerResponse } from 'node:http'
import { answer, answerText, chargeReply } from './answers.ts'
import type { Fault } from './contract.ts'
import type { NextFault } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { ChargeOutcome, Network } from './network.ts'

/** Calls `action` later, unless it is called off or the simulator closes before. */
export type After = (delayMs: number, action: () => void) => () => void

export interface ChargeAnswer {
  /** Answers, or does not, as the charge's plan and the fault want it. */
  send(response: ServerResponse, outcome: ChargeOutcome, fault: NextFault | undefined): void
  /** Says nothing until the client gives up. */
  hold(response: ServerResponse): void
}

/** Silence ends when the client gives up; this is for clients that never do. */
const LONGEST_SILENCE_MS = 120_000

type Transport = (response: ServerResponse, outcome: ChargeOutcome, fault: NextFault) => void

/** Runs `send` once everything is in the ledger's file; breaks the connection when the file refused it. */
export function whenWritten(ledger: Ledger, response: ServerResponse, send: () => void) {
  ledger.whenWritten((written) => (written ? send() : response.destroy()))
}

function replyTo(network: Network, outcome: ChargeOutcome): { status: number; body: object } {
  if (outcome.kind === 'expired') {
    return { status: 410, body: { referenceNo: outcome.referenceNo, resultCode: '68' } }
  }
  const reply = chargeReply(outcome.entry, network.observe(outcome.entry))
  if (outcome.kind === 'booked') return { status: 200, body: reply }
  return { status: 409, body: { ...reply, resultCode: '94', firstResultCode: reply.resultCode } }
}

export function openChargeAnswer(network: Network, ledger: Ledger, after: After): ChargeAnswer {
  function hold(response: ServerResponse) {
    response.once(
      'close',
      after(LONGEST_SILENCE_MS, () => void response.destroy()),
    )
  }

  function answerNow(response: ServerResponse, outcome: ChargeOutcome) {
    const { status, body } = replyTo(network, outcome)
    whenWritten(ledger, response, () => answer(response, status, body))
  }

  /** A timer may fire a moment before the clock agrees: then the rest is waited for. */
  function answerWhenResolved(response: ServerResponse, outcome: ChargeOutcome) {
    const leftMs = outcome.kind === 'booked' ? network.leftMs(outcome.entry) : 0
    if (leftMs <= 0) answerNow(response, outcome)
    else after(leftMs, () => answerWhenResolved(response, outcome))
  }

  function answerAsPlanned(response: ServerResponse, outcome: ChargeOutcome) {
    if (outcome.kind !== 'booked' || outcome.plan.answer === 'now') answerNow(response, outcome)
    else if (outcome.plan.answer === 'never') hold(response)
    else answerWhenResolved(response, outcome)
  }

  const unreadable = (text: string) => (response: ServerResponse) =>
    whenWritten(ledger, response, () => answerText(response, 200, text))

  /** What becomes of the answer once the charge has been processed; other faults let it go as planned. */
  const transports: Partial<Record<Fault, Transport>> = {
    'drop-after': (response) => whenWritten(ledger, response, () => void response.destroy()),
    late: (response, outcome, fault) => void after(fault.delayMs, () => answerAsPlanned(response, outcome)),
    garbage: unreadable('<html>502 Bad Gateway'),
    empty: unreadable(''),
  }

  return {
    hold,
    send(response, outcome, fault) {
      const transport = fault?.fault && transports[fault.fault]
      if (transport) transport(response, outcome, fault)
      else answerAsPlanned(response, outcome)
    },
  }
}
