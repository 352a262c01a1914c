import type { After } from './answering.ts'
import { answer, type Exchange } from './answers.ts'
import type { InboxMessage } from './contract-cards.ts'
import type { Inbox, InboxFilter } from './inbox.ts'

const DEFAULT_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 120_000

/** Serves GET /_sim/inbox and GET /_sim/inbox/wait; false for any other path. */
export function inboxRoutes(inbox: Inbox, after: After): (exchange: Exchange, path: string) => boolean {
  return (exchange, path) => {
    const { request, response } = exchange
    if (request.method !== 'GET' || (path !== '/_sim/inbox' && path !== '/_sim/inbox/wait')) return false
    const query = new URL(request.url ?? '', 'http://simulator').searchParams
    const filter = filterOf(query)
    if (path === '/_sim/inbox') answer(response, 200, inbox.list(filter))
    else waitForCode({ inbox, after, filter }, exchange, query)
    return true
  }
}

function filterOf(query: URLSearchParams): InboxFilter {
  const phone = query.get('phone')?.replace(/\D/g, '')
  const referenceNo = query.get('referenceNo')
  return { ...(phone ? { phone } : {}), ...(referenceNo ? { referenceNo } : {}) }
}

function waitForCode(
  { inbox, after, filter }: { inbox: Inbox; after: After; filter: InboxFilter },
  { response }: Exchange,
  query: URLSearchParams,
) {
  const timeoutMs = Number(query.get('timeoutMs') ?? DEFAULT_WAIT_MS)
  const since = query.get('after')
  const sinceMs = since === null ? undefined : Date.parse(since)
  if (!(timeoutMs >= 0 && timeoutMs <= LONGEST_WAIT_MS) || Number.isNaN(sinceMs)) {
    return answer(response, 400, { error: `timeoutMs is at most ${LONGEST_WAIT_MS}, after is an instant` })
  }
  const stopTimer = after(timeoutMs, () => {
    stopWaiting()
    answer(response, 404, { error: 'no code came' })
  })
  const stopWaiting = inbox.wait(filter, sinceMs, (message: InboxMessage) => {
    stopTimer()
    answer(response, 200, message)
  })
  response.once('close', () => {
    stopTimer()
    stopWaiting()
  })
}
