import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { answer, chargeReply, type Exchange, parseJson, readBody } from './answers.ts'
import { streamBook } from './book.ts'
import { type After, openChargeAnswer, whenWritten } from './charge-answer.ts'
import { CHECK } from './contract.ts'
import type { Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { Network } from './network.ts'
import { OPENAPI } from './openapi.ts'

export interface NetworkRouteParts {
  readonly network: Network
  readonly ledger: Ledger
  readonly faults: Faults
  readonly networkKey: string | undefined
  readonly now: () => number
  readonly after: After
}

type Route = (exchange: Exchange) => void

const CHARGES = '/network/v1/charges'
const HEALTH = '/network/v1/health'
const DOCUMENT = '/network/v1/openapi.json'
const MOST_BODY_BYTES = 16 * 1024

/** Serves everything below /network/. */
export function networkRoutes(parts: NetworkRouteParts): (exchange: Exchange, path: string) => void {
  const { network, ledger, faults } = parts
  const isAllowed = keyCheck(parts.networkKey)
  const { send, hold } = openChargeAnswer(network, ledger, parts.after)
  const charge = chargeRoute(parts, send)
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
    if (faults.outage === 'hang') return hold(response)
    const isOpen = path === HEALTH || path === DOCUMENT
    if (!isOpen && !isAllowed(request)) return answer(response, 401, { resultCode: 'X40100' })
    if (path === CHARGES && request.method === 'POST') return charge(exchange)
    if (request.method !== 'GET') return answer(response, 405, { resultCode: 'X40501' })
    if (path.startsWith(`${CHARGES}/`)) return inquire(exchange, path.slice(CHARGES.length + 1))
    const list = lists[path]
    if (list) list(exchange)
    else answer(response, 404, { resultCode: 'X40500' })
  }
}

/** Checks the body, plays the faults that come before the booking, and charges. */
function chargeRoute(
  { network, faults, after }: NetworkRouteParts,
  send: ReturnType<typeof openChargeAnswer>['send'],
): Route {
  return (exchange) => {
    readBody(exchange, MOST_BODY_BYTES, (bytes) => {
      const { request, response } = exchange
      const body = parseJson(bytes)
      if (!CHECK.charge.Check(body) || Number.isNaN(Date.parse(body.expiresAt))) {
        return answer(response, 400, { resultCode: '30' })
      }
      const fault = faults.take(body)
      const charge = () => {
        const outcome = network.charge(body, fault?.caseCode)
        if (fault?.fault === 'duplicate') network.charge(body, fault.caseCode)
        send(response, outcome, fault)
      }
      if (fault?.fault === 'drop-before') request.socket.destroy()
      else if (fault?.fault === 'reset') request.socket.resetAndDestroy()
      else if (fault?.fault === 'slow') after(fault.delayMs, charge)
      else charge()
    })
  }
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
