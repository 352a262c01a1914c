import { styleText } from 'node:util'

export type Shade = 'bold' | 'green' | 'yellow' | 'red' | 'dim'

/** Where a command writes. Lines only: nothing is ever repainted, so a pipe and a screen reader get the same. */
export interface Terminal {
  say(line: string): void
  complain(line: string): void
  shade(shade: Shade, text: string): string
}

export function openTerminal(isColoured: boolean): Terminal {
  process.stdout.on('error', leaveClosedPipe)
  return {
    say: (line) => {
      process.stdout.write(`${line}\n`)
    },
    complain: (line) => {
      process.stderr.write(`${line}\n`)
    },
    shade: (shade, text) => (isColoured && process.stdout.isTTY ? styleText(shade, text) : text),
  }
}

/** `gerbang magic | head` closes the pipe when it has seen enough, and that is no failure. */
function leaveClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
}

/** Two columns, the first as wide as its longest entry; rows without a value are left out. */
export function sayRows(terminal: Terminal, rows: Rows): void {
  for (const line of aligned(rows)) terminal.say(line)
}

/** The same beside the message of a failure. */
export function complainRows(terminal: Terminal, rows: Rows): void {
  for (const line of aligned(rows)) terminal.complain(line)
}

type Rows = readonly (readonly [string, string | undefined])[]

function aligned(rows: Rows): string[] {
  const present = rows.filter((row): row is readonly [string, string] => row[1] !== undefined)
  const width = Math.max(...present.map(([name]) => name.length))
  return present.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
}

export function sayJson(terminal: Terminal, value: unknown): void {
  terminal.say(JSON.stringify(value, null, 2))
}
