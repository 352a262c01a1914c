import { usageFailure } from './failure.ts'

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const

type Unit = keyof typeof UNIT_MS

/** Milliseconds of `90s`, `30m`, `12h`, `1d` or `1d12h`. @throws CommandFailure for anything else */
export function readDuration(name: string, text: string): number {
  if (!/^(?:\d{1,6}[dhms])+$/.test(text)) {
    throw usageFailure(`${name} must be a duration such as 90s, 30m, 12h or 1d12h, not ${text}.`)
  }
  const parts = [...text.matchAll(/(\d+)([dhms])/g)]
  return parts.reduce((total, [, count, unit]) => total + Number(count) * UNIT_MS[unit as Unit], 0)
}

/** The same in words, to the second: `1d 12h`. */
export function writeDuration(ms: number): string {
  let left = Math.round(Math.abs(ms) / 1_000) * 1_000
  const words: string[] = []
  for (const [unit, size] of Object.entries(UNIT_MS)) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0) words.push(`${count}${unit}`)
  }
  return words.length === 0 ? '0s' : words.join(' ')
}
