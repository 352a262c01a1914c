// Starts Gerbang as a newcomer would (`npm start`), waits for the paid demo payment, presses Ctrl-C, and looks for
// anything left behind: a process, a port, a database.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const PAID = '2005400'
const START_TIMEOUT_MS = 120_000
const STOP_TIMEOUT_MS = 30_000

const home = mkdtempSync(join(tmpdir(), 'gerbang-smoke-'))
const ports = await chooseFreePorts(3)
const env = {
  ...process.env,
  GERBANG_HOME: home,
  GERBANG_PORT: String(ports[0]),
  SIMULATOR_PORT: String(ports[1]),
  GERBANG_ADMIN_PORT: String(ports[2]),
}
delete env.DATABASE_URL
const child = spawn('npm', ['start'], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
const faults = []
let output = ''
for (const stream of [child.stdout, child.stderr]) {
  stream.setEncoding('utf8').on('data', (text) => {
    output += text
    process.stdout.write(text)
  })
}
const ended = new Promise((resolve) => child.once('close', resolve))

if (!(await within(START_TIMEOUT_MS, () => output.includes(PAID) || child.exitCode !== null))) {
  faults.push(`no ${PAID} within ${START_TIMEOUT_MS / 1000} s`)
} else if (!output.includes(PAID))
  faults.push(`npm start ended with code ${child.exitCode} before a payment was paid`)

// A terminal sends Ctrl-C to the whole group.
signalGroup('SIGINT')
if (!(await Promise.race([ended.then(() => true), sleep(STOP_TIMEOUT_MS).then(() => false)]))) {
  faults.push(`still there ${STOP_TIMEOUT_MS / 1000} s after Ctrl-C`)
}
await within(3000, () => leftBehind().length === 0)
for (const { pid, command } of leftBehind()) {
  faults.push(`left behind: ${pid} ${command}`)
  try {
    process.kill(pid, 'SIGKILL')
  } catch {}
}
rmSync(home, { recursive: true, force: true })
for (const fault of faults) console.log(`✖ ${fault}`)
process.exit(faults.length === 0 ? 0 : 1)

async function chooseFreePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))))
  const ports = servers.map((server) => server.address().port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

async function within(timeoutMs, isTrue) {
  const end = Date.now() + timeoutMs
  while (!isTrue()) {
    if (Date.now() > end) return false
    await sleep(100)
  }
  return true
}

function signalGroup(signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {}
}

/** Processes that carry this run's folder in their environment or on their command line (Linux only). */
function leftBehind() {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => ({ pid: Number(pid), command: read(pid, 'cmdline'), environ: read(pid, 'environ') }))
    .filter(({ command, environ }) => command.includes(home) || environ.includes(home))
}

function read(pid, file) {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}
