import { type Reply, whenWritten } from './answering.ts'
import { answer, chargeReply, type Exchange, parseJson, readBody } from './answers.ts'
import type { OpenBank } from './banks/open-bank.ts'
import type { People } from './banks/people.ts'
import type { SimulatedClock } from './clock.ts'
import { CHECK } from './contract.ts'
import { CHECK_CARDS } from './contract-cards.ts'
import type { Issuing } from './decision.ts'
import type { Faults } from './faults.ts'
import type { Ledger } from './ledger.ts'
import { MAGIC, OTP_BEHAVIOURS, OTT_BEHAVIOURS } from './magic.ts'
import type { Network } from './network.ts'
import { keyCheck } from './network-routes.ts'
import { CASES } from './nines.ts'

export interface ControlRouteParts {
  readonly network: Network
  readonly banks: readonly OpenBank[]
  readonly people: People
  readonly ledger: Ledger
  readonly issuing: Issuing
  readonly faults: Faults
  readonly networkKey: string | undefined
  readonly clock: SimulatedClock
  /** Answers what is below inbox; says whether the path is one of those. */
  readonly serveInbox: (exchange: Exchange, path: string) => boolean
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
  const { network, banks, people, ledger, issuing, faults, networkKey, clock, serveInbox } = parts
  const hasKey = keyCheck(networkKey)
  const controls: Controls = {
    ...faultControls(faults),
    ...cardControls(issuing),
    ...clockControls(clock),
    'GET /_sim/people': () => ok(people.list()),
  }

  function serve(key: string, body: unknown): Reply {
    const confirmation = CONFIRMATION.exec(key)
    if (confirmation) {
      const [, referenceNo = '', decision] = confirmation
      return confirm({ network, banks }, referenceNo, decision === 'approve')
    }
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
    if (serveInbox(exchange, path)) return
    readBody(exchange, MOST_BODY_BYTES, (bytes) => {
      const { status, body } = serveSafely(`${request.method} ${path}`, parseJson(bytes))
      whenWritten(ledger, response, () => answer(response, status, body))
    })
  }
}

function confirm(
  { network, banks }: Pick<ControlRouteParts, 'network' | 'banks'>,
  referenceNo: string,
  approves: boolean,
): Reply {
  const bank = banks.find(({ charges }) => charges.find(referenceNo))
  if (bank) return decideAt(bank, referenceNo, approves)
  const entry = network.find(referenceNo)
  if (!entry) return { status: 404, body: { error: 'no such charge' } }
  const verdict = network.confirm(entry, approves)
  if (!verdict) return { status: 409, body: chargeReply(entry, network.observe(entry)) }
  return ok(chargeReply(entry, verdict))
}

/** A customer confirms or refuses in the application of a bank or wallet. */
function decideAt({ charges }: OpenBank, referenceNo: string, approves: boolean): Reply {
  const isDecided = charges.decide(referenceNo, approves)
  const { body } = charges.reply(referenceNo, '')
  return isDecided ? ok(body) : { status: 409, body }
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

function clockControls(clock: SimulatedClock): Controls {
  const tell = () => {
    const { offsetMs, frozenAt } = clock.setting
    const frozen = frozenAt === undefined ? null : new Date(frozenAt).toISOString()
    return ok({ now: new Date(clock.now()).toISOString(), offsetMs, frozenAt: frozen })
  }
  return {
    'GET /_sim/clock': tell,
    'PUT /_sim/clock': (body) => {
      if (!CHECK_CARDS.clock.Check(body)) return bad('offsetMs, and frozenAt as an instant or null')
      const { offsetMs = clock.setting.offsetMs, frozenAt } = body
      const kept = frozenAt === undefined ? clock.setting.frozenAt : undefined
      const instant = typeof frozenAt === 'string' ? Date.parse(frozenAt) : kept
      if (Number.isNaN(instant)) return bad('frozenAt is no instant')
      clock.set({ offsetMs, frozenAt: instant })
      return tell()
    },
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
    'GET /_sim/magic': () =>
      ok({ cases: MAGIC, oneTimeTokens: OTT_BEHAVIOURS, oneTimePasswords: OTP_BEHAVIOURS }),
  }
}
