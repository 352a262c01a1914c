import { spreadOf } from './statistics.ts'

/** Lines of a table; the first column is text, the others are figures. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Median, and the range that it stands in: `5,120 (4,801–5,230)`. */
export function spreadCells(values: readonly number[], digits: number): [string, string] {
  const { median, min, max } = spreadOf(values)
  return [figure(median, digits), `${figure(min, digits)}–${figure(max, digits)}`]
}

export function figure(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '—'
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}
