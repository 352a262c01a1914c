import { whenWritten } from '../answering.ts'
import { type Exchange, readBody } from '../answers.ts'
import type { Ledger } from '../ledger.ts'
import { pagePath } from './charge-words.ts'
import type { OpenBank } from './open-bank.ts'
import { decisionPage, missingPage, returnAddress } from './page.ts'

const MOST_FORM_BYTES = 4_096

/** The page on which a person approves or declines a charge, and what its buttons do. */
export function pageRoute(ledger: Ledger, { bank, charges }: OpenBank) {
  function show({ response }: Exchange, referenceNo: string) {
    const charge = charges.observe(referenceNo)
    const text = charge?.page ? decisionPage(bank, charge) : missingPage(bank)
    whenWritten(ledger, response, () => {
      response.writeHead(charge?.page ? 200 : 404, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      response.end(text)
    })
  }

  function decide(exchange: Exchange, referenceNo: string, form: URLSearchParams) {
    const decision = form.get('decision')
    const charge = charges.find(referenceNo)
    if (!charge?.page || (decision !== 'approve' && decision !== 'decline'))
      return show(exchange, referenceNo)
    charges.decide(referenceNo, decision === 'approve')
    const { response } = exchange
    const location = returnAddress(charge) ?? pagePath(bank.slug, referenceNo)
    whenWritten(ledger, response, () => {
      response.writeHead(303, { location, 'content-length': 0 })
      response.end()
    })
  }

  return (exchange: Exchange, referenceNo: string) => {
    if (exchange.request.method === 'GET') return show(exchange, referenceNo)
    readBody(exchange, MOST_FORM_BYTES, (bytes) =>
      decide(exchange, referenceNo, new URLSearchParams(bytes?.toString('utf8') ?? '')),
    )
  }
}
