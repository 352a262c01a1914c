import { type Answering, type Done, doneNow, type Reply, whenWritten } from './answering.ts'
import { answer, type Exchange, parseJson, readBody } from './answers.ts'
import type { Bindings } from './bindings.ts'
import { streamRefunds } from './book.ts'
import { CHECK_CARDS, type RefundBody } from './contract-cards.ts'
import type { Ledger } from './ledger.ts'
import { MOST_BODY_BYTES } from './network-routes.ts'
import type { Refunds } from './refunds.ts'
import type { Unbindings } from './unbindings.ts'

export interface CardRouteParts {
  readonly ledger: Ledger
  readonly bindings: Bindings
  readonly unbindings: Unbindings
  readonly refunds: Refunds
  readonly answering: Answering
  readonly now: () => number
}

type Route = (exchange: Exchange, referenceNo: string) => void

const PATH =
  /^\/network\/v1\/(bindings|unbindings|refunds)(?:\/([^/]+)(?:\/(otp|verification|cancellation))?)?$/

/** Serves bindings, unbindings and refunds; false for a path that is none of theirs. */
export function cardRoutes(parts: CardRouteParts): (exchange: Exchange, path: string) => boolean {
  const routes: Readonly<Record<string, Route>> = {
    ...bindingRoutes(parts),
    ...unbindingRoutes(parts),
    ...refundRoutes(parts),
  }
  return (exchange, path) => {
    const match = PATH.exec(path)
    if (!match) return false
    const [, things, referenceNo, deed] = match
    const key = [
      exchange.request.method,
      things,
      ...(referenceNo ? ['of'] : []),
      ...(deed ? [deed] : []),
    ].join(' ')
    const route = Object.hasOwn(routes, key) ? routes[key] : undefined
    if (route) route(exchange, referenceNo ?? '')
    else answer(exchange.response, 405, { resultCode: 'X40501' })
    return true
  }
}

function bindingRoutes({ ledger, bindings, answering }: CardRouteParts): Readonly<Record<string, Route>> {
  return {
    'POST bindings': (exchange) =>
      readChecked(exchange, CHECK_CARDS.binding, (body) => {
        if (Number.isNaN(Date.parse(body.expiresAt))) return refuse(exchange)
        const perform = (controlCase: string | undefined) => bindings.bind(body, controlCase)
        answering.play(exchange, { operation: 'binding', names: body, perform })
      }),
    'GET bindings of': tell(ledger, bindings.reply),
    'POST bindings of otp': (exchange, referenceNo) => {
      const names = { ...bindings.find(referenceNo), referenceNo }
      const perform = (controlCase: string | undefined) => bindings.resend(referenceNo, controlCase)
      readBody(exchange, MOST_BODY_BYTES, () =>
        answering.play(exchange, { operation: 'resend', names, perform }),
      )
    },
    'POST bindings of verification': (exchange, referenceNo) =>
      readChecked(exchange, CHECK_CARDS.verification, (body) => {
        const names = { ...bindings.find(referenceNo), referenceNo }
        const perform = (controlCase: string | undefined) => bindings.verify(referenceNo, body, controlCase)
        answering.play(exchange, { operation: 'verification', names, perform })
      }),
    'POST bindings of cancellation': (exchange, referenceNo) =>
      readBody(exchange, MOST_BODY_BYTES, () => tell(ledger, bindings.cancel)(exchange, referenceNo)),
  }
}

function unbindingRoutes({ ledger, unbindings, answering }: CardRouteParts): Readonly<Record<string, Route>> {
  return {
    'POST unbindings': (exchange) =>
      readChecked(exchange, CHECK_CARDS.unbinding, (body) => {
        const { referenceNo } = body
        const perform = (controlCase: string | undefined): Done => ({
          answer: unbindings.unbind(body, controlCase),
          leftMs: () => unbindings.leftMs(referenceNo),
          reply: () => unbindings.reply(referenceNo),
        })
        answering.play(exchange, { operation: 'unbinding', names: body, perform })
      }),
    'GET unbindings of': tell(ledger, unbindings.reply),
  }
}

function refundRoutes({ ledger, refunds, answering, now }: CardRouteParts): Readonly<Record<string, Route>> {
  return {
    'POST refunds': (exchange) =>
      readChecked(exchange, CHECK_CARDS.refund, (body) => {
        if (Number.isNaN(Date.parse(body.expiresAt))) return refuse(exchange)
        const perform = (controlCase: string | undefined) => performRefund(refunds, body, controlCase)
        answering.play(exchange, { operation: 'refund', names: body, perform })
      }),
    'GET refunds': ({ response }) =>
      whenWritten(ledger, response, () => streamRefunds(ledger, now(), response)),
    'GET refunds of': tell(ledger, refunds.reply),
  }
}

function performRefund(refunds: Refunds, body: RefundBody, controlCase: string | undefined): Done {
  const { referenceNo } = body
  const outcome = refunds.refund(body, controlCase)
  if (outcome.kind === 'expired') {
    return doneNow(() => ({ status: 410, body: { referenceNo, resultCode: '68' } }))
  }
  return {
    answer: outcome.kind === 'booked' ? outcome.plan.answer : 'now',
    leftMs: () => refunds.leftMs(referenceNo),
    reply: () => refunds.reply(referenceNo),
  }
}

function tell(ledger: Ledger, replyOf: (referenceNo: string) => Reply): Route {
  return ({ response }, referenceNo) => {
    const { status, body } = replyOf(referenceNo)
    whenWritten(ledger, response, () => answer(response, status, body))
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
