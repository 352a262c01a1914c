import { spawnSync } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { closedPort } from '../run-gerbang.ts'
import { aPlace, type Launcher, launchIn, type Place } from '../start/launcher.ts'
import { typeCode } from './cardholder.ts'
import { masked, patternOf } from './comparison.ts'
import { ROOT, type Step } from './document.ts'
import { leaveRunning, type OtherTerminal, openTerminal } from './terminal.ts'

/** Long enough for whatever a document says will happen in a moment. */
const PATIENCE_MS = 20_000

/** One who does what a document says, in a folder that looks like a clone. */
export interface Reader {
  /** Resolves with what the step has printed, or with nothing where there is nothing to compare. */
  follow(step: Step): Promise<string | undefined>
}

export async function aReader(t: TestContext): Promise<Reader> {
  const place = await aPlace(t)
  const listenPort = String(await closedPort())
  Object.assign(place.environment, {
    GERBANG_NETWORK_TIMEOUT_MS: '3000',
    GERBANG_LISTEN_PORT: listenPort,
    PORT: listenPort,
  })
  await symlink(join(ROOT, 'packages'), join(place.cwd, 'packages'))
  const terminal = openTerminal(place)
  const spell = spelling(place, listenPort)
  let demo: Launcher | undefined
  let other: { readonly terminal: OtherTerminal; seen: number } | undefined
  let page: string | undefined
  /** Codes as they are printed in the document, and as they were made here. */
  const codes = new Map<string, string>()

  const start = async () => {
    demo?.process.kill('SIGINT')
    await demo?.ended
    demo = launchIn(place)
    await demo.printed('Ctrl-C stops')
    return demo.output()
  }

  const run = async (commands: string, shown: string) => {
    if (/\| sh$/m.test(commands) && spawnSync('curl', ['--version']).error) {
      t.diagnostic('curl is not installed; left out what pipes to a shell')
      return undefined
    }
    const isQuestion = /^npx gerbang (status|notifications)\b.*$/.test(commands.trim())
    const printed = () => terminal.paste(replaced(spell(commands), codes))
    const output = isQuestion ? await until(patternOf(shown), printed) : await printed()
    page = /http:\/\/\S+\/ui\/(?:binding|payment)\/\S+/.exec(output)?.[0] ?? page
    const [inDocument, here] = [shown, output].map((text) => AUTH_CODE.exec(text)?.[1])
    if (inDocument !== undefined && here !== undefined) codes.set(inDocument, here)
    const [code] = /\b\d{6}(?= {2}for )/.exec(output) ?? []
    if (page !== undefined && code !== undefined) {
      // The reader has the page before the eyes when the code is found.
      await typeCode(page, code)
      page = undefined
    }
    return output
  }

  return {
    async follow(step) {
      if (step.kind === 'start') return start()
      demo ?? (await start())
      if (step.kind === 'commands') return run(step.commands, step.shown)
      if (step.kind === 'leave-running') {
        // People type slowly: what happened before has been told to whoever was there, or to nobody.
        await until(/^\d(?![\s\S]*\b0 attempts)/, () => terminal.paste('npx gerbang notifications'))
        await other?.terminal.stop()
        other = { terminal: leaveRunning(spell(step.command), place), seen: 0 }
        return undefined
      }
      const running = other
      if (running === undefined) throw new Error('nothing runs in the other terminal')
      const sinceLooked = async () => running.terminal.output().slice(running.seen)
      const output = await until(patternOf(step.shown), sinceLooked)
      running.seen += output.length
      return output
    },
  }
}

/** Commands as they are written, for this place: its ports, and a network that is not silent for half a minute. */
function spelling(
  { port, adminPort, simulatorPort }: Place,
  listenPort: string,
): (commands: string) => string {
  return (commands) =>
    commands
      .replace('--ott 40000030', '--ott 40000006')
      .replaceAll('127.0.0.1:4010', `127.0.0.1:${port}`)
      .replaceAll('127.0.0.1:4011', `127.0.0.1:${adminPort}`)
      .replaceAll('127.0.0.1:4020', `127.0.0.1:${simulatorPort}`)
      .replaceAll('127.0.0.1:4030', `127.0.0.1:${listenPort}`)
}

const AUTH_CODE = /\bauthCode {2,}(\d{40})\b/

function replaced(text: string, words: ReadonlyMap<string, string>): string {
  return [...words].reduce((rest, [from, to]) => rest.replaceAll(from, to), text)
}

/** Asks again what may still be on its way; the last answer when it never comes. */
async function until(shown: RegExp, ask: () => Promise<string>): Promise<string> {
  for (const end = performance.now() + PATIENCE_MS; ; await sleep(300)) {
    const output = await ask()
    if (shown.test(masked(output)) || performance.now() > end) return output
  }
}
