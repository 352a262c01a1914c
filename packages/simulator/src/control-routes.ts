import { answer, chargeReply, type Exchange, parseJson, readBody } from './answers.ts'
import { whenWritten } from './charge-answer.ts'
import { CHECK } from './contract.ts'
import type { Issuing } from './decision.ts'
import type { Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import { MAGIC, OTT_BEHAVIOURS } from './magic.ts'
import type { Network } from './network.ts'
import { keyCheck } from './network-routes.ts'
import { CASES } from './nines.ts'

export interface ControlRouteParts {
  readonly network: Network
  readonly ledger: Ledger
  readonly issuing: Issuing
  readonly faults: Faults
  readonly networkKey: string | undefined
}

interface Reply {
  readonly status: number
  readonly body: unknown
}

/** Keyed by method and path. */
type Controls = Readonly<Record<string, (body: unknown) => Reply>>

const MOST_BODY_BYTES = 1024 * 1024
const CONFIRMATION = /^POST \/_sim\/charges\/(\d{32})\/(approve|decline)$/
const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
const DEFAULT_TOKEN_SECONDS = 300

function ok(body: unknown): Reply {
  return { status: 200, body }
}

function bad(error: string): Reply {
  return { status: 400, body: { error } }
}

/** Serves everything below /_sim/: freely on loopback, elsewhere only with the network's key. */
export function controlRoutes(parts: ControlRouteParts): (exchange: Exchange, path: string) => void {
  const { network, ledger, issuing, faults, networkKey } = parts
  const hasKey = keyCheck(networkKey)
  const controls: Controls = { ...faultControls(faults), ...cardControls(issuing) }

  function serve(key: string, body: unknown): Reply {
    const confirmation = CONFIRMATION.exec(key)
    if (confirmation) return confirm(network, confirmation[1] ?? '', confirmation[2] === 'approve')
    return controls[key]?.(body) ?? { status: 404, body: { error: 'no such control' } }
  }

  function serveSafely(key: string, body: unknown): Reply {
    try {
      return serve(key, body)
    } catch {
      // A full disk under accounts.json or too many live tokens must not take the network down.
      return { status: 500, body: { error: 'not done: the disk is full, or too many tokens are alive' } }
    }
  }

  return (exchange, path) => {
    const { request, response } = exchange
    const isLocal = LOOPBACK.has(request.socket.remoteAddress ?? '')
    if (!isLocal && (networkKey === undefined || !hasKey(request))) {
      return answer(response, 401, { error: 'from another machine the control needs the network key' })
    }
    readBody(exchange, MOST_BODY_BYTES, (bytes) => {
      const { status, body } = serveSafely(`${request.method} ${path}`, parseJson(bytes))
      whenWritten(ledger, response, () => answer(response, status, body))
    })
  }
}

function confirm(network: Network, referenceNo: string, approves: boolean): Reply {
  const entry = network.find(referenceNo)
  if (!entry) return { status: 404, body: { error: 'no such charge' } }
  const verdict = network.confirm(entry, approves)
  if (!verdict) return { status: 409, body: chargeReply(entry, network.observe(entry)) }
  return ok(chargeReply(entry, verdict))
}

function faultControls(faults: Faults): Controls {
  return {
    'POST /_sim/next': (body) => {
      if (!CHECK.next.Check(body)) return bad('not a body of POST /_sim/next in /network/v1/openapi.json')
      if (body.fault === undefined && body.case === undefined) return bad('fault or case is missing')
      if (body.case !== undefined && !CASES.has(body.case)) return bad('case is none of SNAP')
      faults.queue(body)
      return ok({ waiting: faults.waiting() })
    },
    'GET /_sim/next': () => ok({ waiting: faults.waiting() }),
    'DELETE /_sim/next': () => {
      faults.clear()
      return ok({ waiting: 0 })
    },
    'POST /_sim/outage': (body) => {
      if (!CHECK.outage.Check(body)) return bad('mode is down, hang or up')
      faults.outage = body.mode
      return ok({ mode: faults.outage })
    },
    'GET /_sim/outage': () => ok({ mode: faults.outage }),
  }
}

function cardControls({ issuers, accounts, liveTokens }: Issuing): Controls {
  return {
    'POST /_sim/otts': (body) => {
      if (!CHECK.oneTimeToken.Check(body)) return bad('cardNumber, and seconds if you like')
      const seconds = body.seconds ?? DEFAULT_TOKEN_SECONDS
      const { oneTimeToken, expiresAt } = liveTokens.issue(body.cardNumber, seconds * 1_000)
      return ok({ oneTimeToken, expiresAt: new Date(expiresAt).toISOString() })
    },
    'GET /_sim/accounts': () => ok(accounts.list()),
    'PUT /_sim/accounts': (body) => {
      const list = CHECK.accounts.Check(body) ? body : undefined
      const changed = list ?? (CHECK.account.Check(body) ? accounts.including(body) : undefined)
      if (!changed) return bad('an account, or a list of accounts')
      const fault = accounts.replace(changed)
      return fault === undefined ? ok(accounts.list()) : bad(fault)
    },
    'GET /_sim/issuers': () => ok([...issuers.values()]),
    'GET /_sim/magic': () => ok({ cases: MAGIC, oneTimeTokens: OTT_BEHAVIOURS }),
  }
}
