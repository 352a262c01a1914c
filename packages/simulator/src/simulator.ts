import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openAnswering } from './answering.ts'
import { answer } from './answers.ts'
import { openBanks } from './banks/open-bank.ts'
import { openPeople } from './banks/people.ts'
import { bankRoutes } from './banks/routes.ts'
import { openBindings } from './bindings.ts'
import { cardRoutes } from './card-routes.ts'
import { openAccounts, readIssuers } from './cards.ts'
import { openClock } from './clock.ts'
import { controlRoutes } from './control-routes.ts'
import { openFaults } from './faults.ts'
import { openInbox } from './inbox.ts'
import { inboxRoutes } from './inbox-routes.ts'
import { openLedger } from './ledger.ts'
import { type Log, type NetworkReferenceNo, openNetwork } from './network.ts'
import { keyCheck, networkRoutes } from './network-routes.ts'
import { openLiveTokens } from './one-time-token.ts'
import { openOtps } from './otp.ts'
import { openRefunds } from './refunds.ts'
import { openSpending } from './spending.ts'
import { openTokens } from './tokens.ts'
import { openUnbindings } from './unbindings.ts'

export interface SimulatorOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 4020; 0 takes any free port. */
  readonly port?: number
  /** Where ledger.jsonl lives, and accounts.json and issuers.json when they differ from the shipped ones. */
  readonly directory: string
  /** When given, the network's routes ask for it as a bearer token. */
  readonly networkKey?: string
  /** Where people reach the pages of wallets; without it where the gateway reaches the simulator. */
  readonly publicUrl?: string
  /**
   * Flush the disk before every answer. Off by default: a killed process loses nothing either way, because the
   * operating system holds what was written; only a power cut does.
   */
  readonly fsync?: boolean
  /** Epoch milliseconds; `PUT /_sim/clock` shifts and stops what is seen of it. */
  readonly clock?: () => number
  /** Calls `action` after `delayMs`; returns how to call it off. */
  readonly after?: (delayMs: number, action: () => void) => () => void
  /** A random whole number below its argument, for one-time tokens. */
  readonly pick?: (below: number) => number
  readonly networkReferenceNo?: NetworkReferenceNo
  readonly log?: Log
}

export interface Simulator {
  readonly url: string
  readonly port: number
  readonly ledgerPath: string
  /** Charges in the book. */
  size(): number
  /** Breaks every connection, calls off everything late, and closes the ledger. */
  close(): Promise<void>
}

/**
 * Starts the KKI network and its issuers.
 * @throws when the port is taken, or the ledger or a list of cards cannot be read
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1'
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 30_000 })
  // The port is taken before the ledger is opened: a second start on the same port must not touch the file.
  server.listen(options.port ?? 4020, host, 1_024)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const { ledger, cancelAll } = serve(server, options)
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      port,
      ledgerPath: ledger.path,
      size: () => ledger.size,
      async close() {
        cancelAll()
        const closed = once(server, 'close')
        server.close()
        server.closeAllConnections()
        await closed
        ledger.close()
      },
    }
  } catch (fault) {
    server.close()
    throw fault
  }
}

/** Opens everything behind the server and lets it answer. */
function serve(server: Server, options: SimulatorOptions) {
  const { directory, networkKey, publicUrl, log, pick = randomInt } = options
  const ledger = openLedger({
    directory,
    fsync: options.fsync ?? false,
    whenRefused: (cause) =>
      log?.error({ cause: String(cause) }, 'the ledger takes no more; nothing is answered until a restart'),
  })
  const { after: afterReal, cancelAll } = openTimers(options.after ?? afterRealTime)
  const clock = openClock(options.clock ?? Date.now, afterReal)
  const { now, after } = clock
  const issuing = {
    issuers: readIssuers(directory),
    accounts: openAccounts(directory),
    liveTokens: openLiveTokens(now, pick),
    spending: openSpending(),
  }
  const tokens = openTokens(ledger, now)
  const networkReferenceNo = options.networkReferenceNo ?? ((position) => String(position).padStart(12, '0'))
  const network = openNetwork({ ledger, issuing, tokens, now, networkReferenceNo, log })
  const faults = openFaults()
  const inbox = openInbox(now)
  const answering = openAnswering({ faults, ledger, after, afterReal })
  const otps = openOtps(inbox, now, pick)
  const serveCards = cardRoutes({
    ledger,
    answering,
    now,
    bindings: openBindings({ ledger, issuing, tokens, otps, now, after }),
    unbindings: openUnbindings(ledger, tokens, now),
    refunds: openRefunds({ ledger, network, issuing, now }),
  })
  const serveNetwork = networkRoutes({ network, ledger, faults, networkKey, now, answering, serveCards })
  const people = openPeople(directory)
  const banks = openBanks({ ledger, people, otps, now, after })
  const isAllowed = keyCheck(networkKey)
  const serveBanks = bankRoutes({ banks, ledger, faults, answering, isAllowed, publicUrl })
  const serveInbox = inboxRoutes(inbox, afterReal)
  const control = { network, banks, people, ledger, issuing, faults, networkKey, clock, serveInbox }
  const serveControl = controlRoutes(control)

  server.on('request', (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    if (path.startsWith('/network/')) serveNetwork({ request, response }, path)
    else if (path.startsWith('/bank/')) serveBanks({ request, response }, path)
    else if (path.startsWith('/_sim/')) serveControl({ request, response }, path)
    else answer(response, 404, { error: 'nothing here: see /network/v1/openapi.json' })
  })
  log?.info({ charges: ledger.size, ledger: ledger.path }, 'simulator listens')
  return { ledger, cancelAll }
}

function afterRealTime(delayMs: number, action: () => void): () => void {
  const timer = setTimeout(action, delayMs)
  return () => clearTimeout(timer)
}

/** Timers that can be called off together. */
function openTimers(start: NonNullable<SimulatorOptions['after']>) {
  const running = new Set<() => void>()
  return {
    after(delayMs: number, action: () => void) {
      const stop = start(delayMs, () => {
        running.delete(stop)
        action()
      })
      running.add(stop)
      return () => {
        running.delete(stop)
        stop()
      }
    },
    cancelAll() {
      for (const cancel of running) cancel()
      running.clear()
    },
  }
}
