import type { IncomingMessage } from 'node:http'
import { type Answering, type Done, doneNow, type Reply, whenWritten } from '../answering.ts'
import { answer, type Exchange, parseJson, readBody } from '../answers.ts'
import type { Operation } from '../contract.ts'
import { CHECK_CARDS } from '../contract-cards.ts'
import type { FaultNames, Faults } from '../faults.ts'
import type { Ledger } from '../ledger.ts'
import { MOST_BODY_BYTES } from '../network-routes.ts'
import { streamBankBook } from './book.ts'
import { CHECK_BANKS } from './contract.ts'
import type { OpenBank } from './open-bank.ts'
import { pageRoute } from './page-route.ts'

export interface BankRouteParts {
  readonly banks: readonly OpenBank[]
  readonly ledger: Ledger
  readonly faults: Faults
  readonly answering: Answering
  readonly isAllowed: (request: IncomingMessage) => boolean
  readonly publicUrl: string | undefined
}

type Route = (exchange: Exchange, referenceNo: string) => void
type Routes = Readonly<Record<string, Route>>

const PATH =
  /^\/bank\/v1\/([a-z]+)\/(bindings|charges|refunds|unbindings|balances|pages|book)(?:\/([^/]+)(?:\/(otp|verification|cancellation))?)?$/

/** Serves everything below /bank/. */
export function bankRoutes(parts: BankRouteParts): (exchange: Exchange, path: string) => void {
  const { banks, faults, answering, isAllowed } = parts
  const bySlug = new Map(banks.map((open) => [open.bank.slug, routesOf(parts, open)]))
  return (exchange, path) => {
    const { request, response } = exchange
    if (faults.outage === 'down') return void request.socket.destroy()
    if (faults.outage === 'hang') return answering.hold(response)
    const [, slug = '', things = '', referenceNo, deed] = PATH.exec(path) ?? []
    const routes = bySlug.get(slug)
    if (!routes) return answer(response, 404, { resultCode: 'X40500' })
    // A page is for whoever has its address: the customer.
    if (things !== 'pages' && !isAllowed(request)) return answer(response, 401, { resultCode: 'X40100' })
    const key = [request.method, things, ...(referenceNo ? ['of'] : []), ...(deed ? [deed] : [])].join(' ')
    const route = Object.hasOwn(routes, key) ? routes[key] : undefined
    if (route) route(exchange, referenceNo ?? '')
    else answer(response, 405, { resultCode: 'X40501' })
  }
}

function routesOf(parts: BankRouteParts, open: OpenBank): Routes {
  const page = pageRoute(parts.ledger, open)
  return {
    ...bindingRoutes(parts, open),
    ...chargeRoutes(parts, open),
    ...otherRoutes(parts, open),
    'GET pages of': page,
    'POST pages of': page,
    'GET book': ({ response }) =>
      whenWritten(parts.ledger, response, () => streamBankBook(parts.ledger, open.bank, response)),
  }
}

function bindingRoutes({ ledger, answering }: BankRouteParts, { bindings }: OpenBank): Routes {
  const play = openPlay(answering, (referenceNo) => bindings.find(referenceNo))
  return {
    'POST bindings': (exchange) =>
      readChecked(exchange, CHECK_BANKS.binding, (body) =>
        play(exchange, { operation: 'binding', names: body }, (controlCase) =>
          bindings.bind(body, controlCase),
        ),
      ),
    'GET bindings of': tell(ledger, (_exchange, referenceNo) => bindings.reply(referenceNo)),
    'POST bindings of otp': (exchange, referenceNo) =>
      readBody(exchange, MOST_BODY_BYTES, () =>
        play(exchange, { operation: 'resend', names: { referenceNo } }, (controlCase) =>
          bindings.resend(referenceNo, controlCase),
        ),
      ),
    'POST bindings of verification': (exchange, referenceNo) =>
      readChecked(exchange, CHECK_BANKS.verification, (body) =>
        play(exchange, { operation: 'verification', names: { referenceNo } }, (controlCase) =>
          bindings.verify(referenceNo, body, controlCase),
        ),
      ),
    'POST bindings of cancellation': (exchange, referenceNo) =>
      readBody(exchange, MOST_BODY_BYTES, () =>
        play(exchange, { operation: 'cancellation', names: { referenceNo } }, () =>
          bindings.cancel(referenceNo),
        ),
      ),
  }
}

function chargeRoutes({ ledger, answering, publicUrl }: BankRouteParts, { charges }: OpenBank): Routes {
  const originOf = (exchange: Exchange) => publicUrl?.replace(/\/$/, '') ?? callersOrigin(exchange)
  const play = openPlay(answering, (referenceNo) => charges.find(referenceNo))
  return {
    'POST charges': (exchange) =>
      readChecked(exchange, CHECK_BANKS.charge, (body) => {
        if (Number.isNaN(Date.parse(body.confirmBy))) return refuse(exchange)
        play(exchange, { operation: 'charge', names: body }, (controlCase) =>
          charges.charge(body, { origin: originOf(exchange), controlCase }),
        )
      }),
    'GET charges of': tell(ledger, (exchange, referenceNo) => charges.reply(referenceNo, originOf(exchange))),
    'POST charges of otp': (exchange, referenceNo) =>
      readBody(exchange, MOST_BODY_BYTES, () =>
        play(exchange, { operation: 'resend', names: { referenceNo } }, (controlCase) =>
          charges.resend(referenceNo, { origin: originOf(exchange), controlCase }),
        ),
      ),
    'POST charges of verification': (exchange, referenceNo) =>
      readChecked(exchange, CHECK_BANKS.verification, (body) =>
        play(exchange, { operation: 'confirmation', names: { referenceNo } }, (controlCase) =>
          charges.confirm(referenceNo, body, { origin: originOf(exchange), controlCase }),
        ),
      ),
    'POST charges of cancellation': (exchange, referenceNo) =>
      readBody(exchange, MOST_BODY_BYTES, () =>
        play(exchange, { operation: 'cancellation', names: { referenceNo } }, (controlCase) =>
          charges.cancel(referenceNo, { origin: originOf(exchange), controlCase }),
        ),
      ),
  }
}

function otherRoutes({ ledger, answering }: BankRouteParts, open: OpenBank): Routes {
  const { refunds, unbindings, balance } = open
  const play = openPlay(answering, (referenceNo) => unbindings.find(referenceNo))
  return {
    'POST refunds': (exchange) =>
      readChecked(exchange, CHECK_CARDS.refund, (body) => {
        if (Number.isNaN(Date.parse(body.expiresAt))) return refuse(exchange)
        play(exchange, { operation: 'refund', names: body }, (controlCase) =>
          refunds.refund(body, controlCase),
        )
      }),
    'GET refunds of': tell(ledger, (_exchange, referenceNo) => refunds.reply(referenceNo)),
    'POST unbindings': (exchange) =>
      readChecked(exchange, CHECK_BANKS.unbinding, (body) =>
        play(exchange, { operation: 'unbinding', names: body }, (controlCase) =>
          unbindings.unbind(body, controlCase),
        ),
      ),
    'GET unbindings of': tell(ledger, (_exchange, referenceNo) => unbindings.reply(referenceNo)),
    'POST unbindings of verification': (exchange, referenceNo) =>
      readChecked(exchange, CHECK_BANKS.verification, (body) =>
        play(exchange, { operation: 'verification', names: { referenceNo } }, (controlCase) =>
          unbindings.verify(referenceNo, body, controlCase),
        ),
      ),
    'POST balances': (exchange) =>
      readChecked(exchange, CHECK_BANKS.balance, (body) => {
        const names = { referenceNo: body.inquiryNo, merchantId: body.merchantId }
        play(exchange, { operation: 'balance', names }, (controlCase) => {
          const said = balance(body, controlCase)
          return doneNow(() => ({ status: 200, body: said }))
        })
      }),
  }
}

/** Answers a call of `operation` as the next fault wants it; a thing that is known is matched by its names too. */
function openPlay(answering: Answering, find: (referenceNo: string) => FaultNames | undefined) {
  return (
    exchange: Exchange,
    { operation, names }: { readonly operation: Operation; readonly names: FaultNames },
    perform: (controlCase: string | undefined) => Done,
  ) => answering.play(exchange, { operation, names: { ...find(names.referenceNo), ...names }, perform })
}

const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/

/** Where the caller reaches this simulator, and so where he can send a customer. */
function callersOrigin({ request }: Exchange): string {
  const { host = '' } = request.headers
  return `http://${HOST.test(host) ? host : 'localhost'}`
}

function tell(ledger: Ledger, replyOf: (exchange: Exchange, referenceNo: string) => Reply): Route {
  return (exchange, referenceNo) => {
    const { status, body } = replyOf(exchange, referenceNo)
    whenWritten(ledger, exchange.response, () => answer(exchange.response, status, body))
  }
}

function readChecked<Body>(
  exchange: Exchange,
  schema: { Check(value: unknown): value is Body },
  take: (body: Body) => void,
) {
  readBody(exchange, MOST_BODY_BYTES, (bytes) => {
    const body = parseJson(bytes)
    if (schema.Check(body)) take(body)
    else refuse(exchange)
  })
}

function refuse({ response }: Exchange) {
  answer(response, 400, { resultCode: '30' })
}
