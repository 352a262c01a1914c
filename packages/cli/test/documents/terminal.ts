import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { gerbang, type Place } from '../start/launcher.ts'

/** `npx gerbang` is the one under test. */
const NPX = `npx() { shift; '${process.execPath}' '${gerbang}' "$@"; }`
const END = '--- what was pasted has ended ---'

/** The terminal that a reader works in: a variable lives until it is closed. */
export interface Terminal {
  /** Runs what is pasted. Resolves with what it printed. */
  paste(commands: string): Promise<string>
}

export function openTerminal({ cwd, environment, endings }: Place): Terminal {
  const shell = spawn('bash', ['--norc'], { cwd, env: environment })
  const ended = once(shell, 'close')
  let output = ''
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  shell.stdin.write(`exec 2>&1\n${NPX}\n`)
  endings.push(async () => {
    shell.stdin.end()
    await ended
  })
  return {
    async paste(commands) {
      output = ''
      shell.stdin.write(`{\n${commands}\n} </dev/null\nprintf '\\n%s\\n' '${END}'\n`)
      while (!output.endsWith(`\n${END}\n`)) {
        if (shell.exitCode !== null) throw new Error(`the shell ended, having said:\n${output}`)
        await sleep(20)
      }
      return output.slice(0, -END.length - 2)
    },
  }
}

/** Another terminal, in which a command is left running. */
export interface OtherTerminal {
  /** All that it has printed so far. */
  output(): string
  /** Ctrl-C. */
  stop(): Promise<void>
}

export function leaveRunning(command: string, { cwd, environment, endings }: Place): OtherTerminal {
  // A listener shows the tokens of cards where a person looks, and a pipe is none.
  const looked = command.replace(/\bgerbang listen\b/, '$& --output interactive')
  const shell = spawn('bash', ['-c', `exec 2>&1; ${NPX}\n${looked}`], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    // A terminal sends its Ctrl-C to a whole group.
    detached: true,
  })
  let output = ''
  shell.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const ended = once(shell, 'close')
  const stop = async () => {
    if (shell.pid !== undefined && shell.exitCode === null && shell.signalCode === null) {
      process.kill(-shell.pid, 'SIGINT')
    }
    await ended
  }
  endings.push(stop)
  return { output: () => output, stop }
}
