import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../../../../', import.meta.url))

/** What a reader does, or sees, one after the other. */
export type Step =
  /** `npm start`: stopped before when it runs. */
  | { readonly kind: 'start'; readonly shown: string }
  /** Pasted into the terminal that the reader works in. */
  | { readonly kind: 'commands'; readonly commands: string; readonly shown: string }
  /** Left running in another terminal; what ran there is stopped by Ctrl-C. */
  | { readonly kind: 'leave-running'; readonly command: string }
  /** What the other terminal shows by then, since it was last looked at. */
  | { readonly kind: 'look'; readonly shown: string }

/** A fenced block: the words behind its first fence, and its text. */
export interface Fence {
  readonly info: string
  readonly text: string
}

const OTHER = 'other-terminal'

export function fencesOf(name: string): readonly Fence[] {
  const fences = readFileSync(join(ROOT, name), 'utf8').matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)
  return [...fences].map(([, info = '', text = '']) => ({ info, text }))
}

/** The blocks that are run, each with the output beneath it. Any other language is shown only: `js`, `ini`. */
export function stepsOf(fences: readonly Fence[]): readonly Step[] {
  return fences.flatMap(({ info, text }, index): Step[] => {
    const next = fences[index + 1]
    const shown = next?.info === '' ? next.text : ''
    if (info === `text ${OTHER}`) return [{ kind: 'look', shown: text }]
    if (info === `sh ${OTHER}`) return [{ kind: 'leave-running', command: text.trim() }]
    if (info !== 'sh') return []
    if (/^(npm ci && )?npm start$/.test(text.trim())) return [{ kind: 'start', shown }]
    return [{ kind: 'commands', commands: text, shown }]
  })
}
