import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { aPlace, gerbang, launchIn, type Place } from './launcher.ts'

const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url))
const ENGLISH = fencesOf('README.md')

/** A fenced block: its language, "sh" for commands, and its text. */
interface Fence {
  readonly language: string
  readonly text: string
}

function fencesOf(name: string): Fence[] {
  const fences = readFileSync(join(ROOT, name), 'utf8').matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)
  return [...fences].map(([, language = '', text = '']) => ({ language, text }))
}

/** Each block of commands with the output that is shown beneath it. */
function stepsOf(fences: readonly Fence[]): { commands: string; shown: string }[] {
  return fences.flatMap(({ language, text }, index) =>
    language === 'sh' ? [{ commands: text, shown: fences[index + 1]?.text ?? '' }] : [],
  )
}

/** What differs between two runs, or two machines, taken out of both: numbers that are made, times, addresses. */
function masked(text: string): string {
  return text
    .replace(/^Copied PostgreSQL's programs .*\n/m, '')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+07:00)/g, '<time>')
    .replace(/\b(CLI-)\d+-[0-9a-f]{8}\b/g, '$1<made>')
    .replace(/\b(BRN-)\d{4}-\d{13}\b/g, '$1<made>')
    .replace(/\b\d{30,}\b/g, '<number>')
    .replace(/127\.0\.0\.1:\d+/g, '<address>')
    .replace(/\d+\.\d s after/, '<seconds> s after')
}

/** What is shown, as a pattern: `…` alone on a line stands for lines, within a line for its characters. */
function patternOf(shown: string): RegExp {
  const escaped = masked(shown)
    .trimEnd()
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${escaped.replaceAll(/^…\n/gm, '(?:.*\\n)*?').replaceAll('…', '.*')}\\n*$`)
}

/** Runs the commands of one block as a shell does into which they are pasted; `npx gerbang` is the one under test. */
function paste(commands: string, { cwd, environment }: Place): Promise<string> {
  const npx = `npx() { shift; '${process.execPath}' '${gerbang}' "$@"; }`
  const shell = spawn('bash', ['-c', `exec 2>&1; ${npx}\n${commands}`], { cwd, env: environment })
  let output = ''
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  return new Promise((resolve, reject) => {
    shell.once('error', reject)
    shell.once('close', () => resolve(output))
  })
}

/** The same commands again, because some of them ask about a payment that is still on its way. */
async function pasteUntil(shown: RegExp, commands: string, place: Place): Promise<string> {
  for (const end = performance.now() + 20_000; ; await sleep(500)) {
    const output = masked(await paste(commands, place))
    if (shown.test(output) || performance.now() > end) return output
  }
}

test('every command of README.md prints what is shown beneath it', async (t) => {
  const place = await aPlace(t)
  Object.assign(place.environment, { GERBANG_NETWORK_TIMEOUT_MS: '3000' })
  await symlink(join(ROOT, 'packages'), join(place.cwd, 'packages'))
  const [start, ...steps] = stepsOf(ENGLISH)
  assert.ok(steps.length > 5)
  const launcher = launchIn(place)
  await launcher.printed('Ctrl-C stops')
  assert.match(masked(launcher.output()), patternOf(start?.shown ?? ''))
  for (const { commands, shown } of steps) {
    if (/\| sh$/m.test(commands) && spawnSync('curl', ['--version']).error) {
      t.diagnostic('curl is not installed; left out what pipes to a shell')
      continue
    }
    // A network that is silent for half a minute is not waited for.
    const quicker = commands.replace('--ott 40000030', '--ott 40000006')
    const pattern = patternOf(shown)
    const isQuestion = /^npx gerbang status \S+$/.test(commands.trim())
    const output = isQuestion
      ? await pasteUntil(pattern, quicker, place)
      : masked(await paste(quicker, place))
    assert.match(output, pattern, commands)
  }
})

test('the Indonesian README has the same commands, outputs and code', () => {
  assert.deepEqual(fencesOf('README.id.md'), ENGLISH)
})

test('the program that README.md shows is the one that lies in the SDK’s folder', () => {
  const shown = ENGLISH.filter(({ language }) => language === 'js').map(({ text }) => text)
  assert.deepEqual(shown, [readFileSync(join(ROOT, 'packages/sdk/examples/pay.mjs'), 'utf8')])
})
