import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Answering, type Reply, whenWritten } from './answering.ts'
import { answer, chargeReply, type Exchange, parseJson, readBody } from './answers.ts'
import { streamBook } from './book.ts'
import { CHECK, type ChargeBody } from './contract.ts'
import type { Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { ChargeOutcome, Network } from './network.ts'
import { OPENAPI } from './openapi.ts'

export interface NetworkRouteParts {
  readonly network: Network
  readonly ledger: Ledger
  readonly faults: Faults
  readonly networkKey: string | undefined
  readonly now: () => number
  readonly answering: Answering
  /** Answers what is below bindings, unbindings and refunds; says whether the path is one of those. */
  readonly serveCards: (exchange: Exchange, path: string) => boolean
}

type Route = (exchange: Exchange) => void

const CHARGES = '/network/v1/charges'
const HEALTH = '/network/v1/health'
const DOCUMENT = '/network/v1/openapi.json'
export const MOST_BODY_BYTES = 16 * 1024

/** Serves everything below /network/. */
export function networkRoutes(parts: NetworkRouteParts): (exchange: Exchange, path: string) => void {
  const { network, ledger, faults, answering, serveCards } = parts
  const isAllowed = keyCheck(parts.networkKey)
  const charge = chargeRoute(parts)
  const lists = listRoutes(parts)

  function inquire({ response }: Exchange, referenceNo: string) {
    const entry = network.find(referenceNo)
    if (!entry) return answer(response, 404, { referenceNo, resultCode: '25' })
    const reply = chargeReply(entry, network.observe(entry))
    whenWritten(ledger, response, () => answer(response, 200, reply))
  }

  return (exchange, path) => {
    const { request, response } = exchange
    if (faults.outage === 'down') return void request.socket.destroy()
    if (faults.outage === 'hang') return answering.hold(response)
    const isOpen = path === HEALTH || path === DOCUMENT
    if (!isOpen && !isAllowed(request)) return answer(response, 401, { resultCode: 'X40100' })
    if (path === CHARGES && request.method === 'POST') return charge(exchange)
    if (serveCards(exchange, path)) return
    if (request.method !== 'GET') return answer(response, 405, { resultCode: 'X40501' })
    if (path.startsWith(`${CHARGES}/`)) return inquire(exchange, path.slice(CHARGES.length + 1))
    const list = lists[path]
    if (list) list(exchange)
    else answer(response, 404, { resultCode: 'X40500' })
  }
}

/** Checks the body and charges. */
function chargeRoute({ network, answering }: NetworkRouteParts): Route {
  return (exchange) => {
    readBody(exchange, MOST_BODY_BYTES, (bytes) => {
      const body = parseJson(bytes)
      if (!CHECK.charge.Check(body) || !hasInstants(body)) {
        return answer(exchange.response, 400, { resultCode: '30' })
      }
      answering.play(exchange, {
        operation: 'charge',
        names: body,
        perform(controlCase) {
          const outcome = network.charge(body, controlCase)
          return {
            answer: outcome.kind === 'booked' ? outcome.plan.answer : 'now',
            leftMs: () => (outcome.kind === 'booked' ? network.leftMs(outcome.entry) : 0),
            reply: () => replyTo(network, outcome),
          }
        },
      })
    })
  }
}

/** The schema lets instants pass that no calendar has. */
function hasInstants({ expiresAt, confirmBy }: ChargeBody): boolean {
  return !Number.isNaN(Date.parse(expiresAt)) && !(confirmBy && Number.isNaN(Date.parse(confirmBy)))
}

function replyTo(network: Network, outcome: ChargeOutcome): Reply {
  if (outcome.kind === 'expired') {
    return { status: 410, body: { referenceNo: outcome.referenceNo, resultCode: '68' } }
  }
  const reply = chargeReply(outcome.entry, network.observe(outcome.entry))
  if (outcome.kind === 'booked') return { status: 200, body: reply }
  return { status: 409, body: { ...reply, resultCode: '94', firstResultCode: reply.resultCode } }
}

function listRoutes({ ledger, now }: NetworkRouteParts): Readonly<Record<string, Route>> {
  return {
    '/network/v1/book': ({ response }) =>
      whenWritten(ledger, response, () => streamBook(ledger, now(), response)),
    [HEALTH]: ({ response }) =>
      ledger.whenWritten((written) =>
        answer(response, written ? 200 : 503, { status: written ? 'up' : 'down' }),
      ),
    [DOCUMENT]: ({ response }) => answer(response, 200, OPENAPI),
  }
}

/** Whether a request carries the key; without a key everyone does. Constant time for keys of equal length. */
export function keyCheck(networkKey: string | undefined): (request: IncomingMessage) => boolean {
  if (networkKey === undefined) return () => true
  const expected = Buffer.from(`Bearer ${networkKey}`)
  return (request) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
}
