// npm test: build, lint, then every test file against a real PostgreSQL.
//   npm test -- payment      only the test files whose path contains "payment"
//   npm test -- --only-tests no build, no lint: the files that are compiled already
//   npm test -- --except=fault/,browser/   no test file whose path contains one of these
import { spawnSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { findTestFiles, removeStaleOutputs } from './stale.mjs'
import { createTally, summaryLine } from './tally.mjs'
import { withDatabase } from './test-database.mjs'

const ROOT = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..')
const FILE_TIMEOUT_MS = 5 * 60_000
/** The files that take longest go first, so that no core is idle while the last of them ends. */
const LONG = [
  'browser/states',
  'fault/refund-race',
  'documents/',
  'demo/',
  'browser/',
  'serve.test',
  'cli/dist/test/',
  'fault/',
  'embedded/',
]
const STEPS = [
  { name: 'type check and build', tool: ['typescript', 'bin', 'tsc'], args: ['-b'], isRequired: true },
  { name: 'lint', tool: ['@biomejs', 'biome', 'bin', 'biome'], args: ['check', '.'], isRequired: false },
]

const args = process.argv.slice(2)
const isOnlyTests = args.includes('--only-tests')
const filters = args.filter((arg) => !arg.startsWith('-'))
const exceptions = args.flatMap((arg) => (arg.startsWith('--except=') ? arg.slice(9).split(',') : []))
const tally = createTally()
const running = new Set()
let interruptedBy
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupt(signal))

process.chdir(ROOT)
const isBuilt = isOnlyTests || runSteps()
if (isBuilt && (await withDatabase(runTests))) tally.counts.failed += 1
if (interruptedBy) fault(`stopped by ${interruptedBy}`)
const isGreen = tally.counts.failed === 0 && tally.counts.passed > 0
process.stdout.write(`\n${summaryLine(tally.counts)}\n`, () => process.exit(isGreen ? 0 : 1))

/** @returns whether the tests can run at all */
function runSteps() {
  const removed = removeStaleOutputs(ROOT)
  if (removed > 0) console.log(`removed ${removed} compiled files whose source is gone`)
  let isUsable = true
  for (const { name, tool, args, isRequired } of STEPS) {
    const startedAt = performance.now()
    const script = join(ROOT, 'node_modules', ...tool)
    const { status } = spawnSync(process.execPath, [script, ...args], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${status === 0 ? '✔' : '✖'} ${name} (${seconds} s)`)
    tally.counts[status === 0 ? 'passed' : 'failed'] += 1
    if (status !== 0 && isRequired) isUsable = false
  }
  return isUsable
}

/**
 * One `run` per file, so that each file has a deadline of its own: newer versions of Node.js pass `timeout` on to the
 * tests in the file, and a file that never ends would then hang for ever. The events of a file stay together.
 */
async function runTests() {
  const waiting = findTestFiles(ROOT, filters, exceptions)
    .sort((a, b) => rankOf(a) - rankOf(b))
    .map((file) => join(ROOT, file))
  const report = new spec()
  report.pipe(process.stdout, { end: false })
  // One more than there are cores, for a test that waits uses none.
  const workers = Array.from({ length: Math.min(availableParallelism() + 1, 5) }, async () => {
    for (let file = waiting.shift(); file && !interruptedBy; file = waiting.shift()) {
      for (const event of await runFile(file)) report.write(event)
    }
  })
  await Promise.all(workers)
  report.end()
  await finished(report, { writable: false })
}

function rankOf(file) {
  const rank = LONG.findIndex((part) => file.includes(part))
  return rank === -1 ? LONG.length : rank
}

/** @returns the events of the tests in `file`, counted */
async function runFile(file) {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), FILE_TIMEOUT_MS)
  const events = []
  running.add(deadline)
  for await (const event of run({ files: [file], signal: deadline.signal })) {
    // A test may have been written in another file than the one that runs it.
    const data = { ...event.data, file }
    if (event.type === 'test:pass') tally.count('pass', data)
    if (event.type === 'test:fail') tally.count('fail', data)
    if (event.type !== 'test:summary' && event.type !== 'test:diagnostic') events.push(event)
  }
  clearTimeout(timer)
  running.delete(deadline)
  if (!tally.hasReported(file)) {
    fault(`${file.slice(ROOT.length + 1)} ${deadline.signal.aborted ? 'never ended' : 'holds no test'}`)
  }
  return events
}

function interrupt(signal) {
  interruptedBy = signal
  for (const deadline of running) deadline.abort()
}

function fault(text) {
  console.log(`✖ ${text}`)
  tally.counts.failed += 1
}
