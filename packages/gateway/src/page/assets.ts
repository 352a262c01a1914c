import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** A text that stands in every page, and the name by which the policy knows it. */
export interface Asset {
  readonly text: string
  /** Content-Security-Policy's source: `'sha256-…'`. */
  readonly source: string
}

export const STYLE = asset('page.css')
export const SCRIPT = asset('page.js')

/** The files lie beside the sources, and are read once. */
function asset(name: string): Asset {
  const file = new URL(`../../../src/page/${name}`, import.meta.url)
  const text = withoutMargins(readFileSync(file, 'utf8'))
  return { text, source: `'sha256-${createHash('sha256').update(text).digest('base64')}'` }
}

/** Leaves out indentation, empty lines and comments that have lines of their own: nothing a browser would miss. */
function withoutMargins(text: string): string {
  return text
    .replace(/^\s*\/\*[\s\S]*?\*\/$/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//'))
    .join('\n')
}
