import { join, relative, sep } from 'node:path'
import { instantOf, readClockFile } from '@gerbang/gateway/clock'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { DEMO_PARTNER_FILE } from '../config.ts'
import { sayRows, type Terminal } from '../terminal.ts'
import { adminUrlOf, type Booted } from './boot.ts'
import { PAY_COMMAND } from './parts.ts'
import type { StartConfig } from './start.ts'
import { ADMIN_KEY_FILE, clockFileOf } from './state.ts'

/** Only what is started here; a database of the caller's own is neither started nor stopped. */
export function sayStart(terminal: Terminal, { databaseUrl }: StartConfig): void {
  terminal.say(
    databaseUrl === undefined
      ? 'Starting: database, simulator, gateway.'
      : 'Starting: simulator, gateway. The database is that of DATABASE_URL.',
  )
}

export function sayFarewell(terminal: Terminal, { databaseUrl }: StartConfig): void {
  terminal.say(
    databaseUrl === undefined
      ? 'Stopped. Nothing is lost: `npm start` continues where this ended.'
      : 'Stopped, but for your database. Nothing is lost: `npm start` with the same DATABASE_URL continues where this ended.',
  )
}

/** The first screen: what just happened, where things are, what to type next. */
export function sayWelcome(terminal: Terminal, config: StartConfig, booted: Booted, tookMs: number): void {
  const { answer, gatewayUrl, simulatorUrl, partner } = booted
  const seconds = (tookMs / 1_000).toFixed(1)
  if (answer instanceof Error) {
    terminal.say(`${terminal.shade('red', 'The first payment failed:')} ${answer.message}`)
  } else {
    const { responseCode, responseMessage, referenceNo } = answer
    const isPaid = responseCode.startsWith('200')
    const reply = terminal.shade(isPaid ? 'green' : 'yellow', `${responseCode} ${responseMessage}`)
    terminal.say(`${reply} - a signed payment of Rp10.000, ${seconds} s after the start`)
    if (referenceNo !== undefined) terminal.say(`  referenceNo ${referenceNo}`)
  }
  terminal.say('')
  sayRows(terminal, [
    ['Gateway', gatewayUrl],
    ['API reference', `${gatewayUrl}/reference`],
    ['Admin API', adminUrlOf(config)],
    ['Admin key', booted.hasOwnAdminKey ? shown(config, ADMIN_KEY_FILE) : undefined],
    ['Simulator', simulatorUrl],
    ['Database', config.databaseUrl === undefined ? shown(config, 'postgres') : 'DATABASE_URL'],
    ['Partner', partner.clientId],
    ['Credentials', shown(config, DEMO_PARTNER_FILE)],
    ['Logs', shown(config, 'logs')],
    ['Clock', clockWords(config)],
    ['Try it', terminal.shade('bold', PAY_COMMAND)],
  ])
  terminal.say('')
  const stops = config.databaseUrl === undefined ? 'everything' : 'simulator and gateway, not your database'
  terminal.say(`Offline, no account, no telemetry. Ctrl-C stops ${stops}.`)
}

/** Only what is worth a line: a clock that was set, and that a start does not set back. */
function clockWords({ home }: StartConfig): string | undefined {
  const { offsetMs, frozenAt } = readClockFile(clockFileOf(home))
  if (offsetMs === 0 && frozenAt === null) return undefined
  const now = formatTimestamp(instantOf({ offsetMs, frozenAt }, Date.now()))
  return `${now}${frozenAt === null ? '' : ', stands still'} (npx gerbang clock reset)`
}

/** As one would type it from where one is. */
function shown({ home, cwd }: StartConfig, name: string): string {
  const path = join(home, name)
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : `.${sep}${short}`
}
