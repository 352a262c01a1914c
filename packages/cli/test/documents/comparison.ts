/** What differs between two runs, or two machines, in the order in which it is taken out. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/^Copied PostgreSQL's programs .*\n/gm, ''],
  [/\d{4}-\d\d-\d\dT[\d:.]+(Z|\+07:00)/g, '<time>'],
  [/\b(CLI|SHOP|START)-\d+(-[0-9a-f]{8})?\b/g, '$1-<made>'],
  [/\bBRN-\d{4}-\d{13}\b/g, 'BRN-<made>'],
  [/\bR[0-9A-Z]{11}\b/g, 'R<made>'],
  [/((?:binding|payment)\/core\/BRN-<made>\/)[\w-]{43}/g, '$1<session>'],
  [/\b[0-9a-f]{32}\b/g, '<token>'],
  [/\b\d{30,}\b/g, '<number>'],
  [/\b\d{6}(?= {2}for )/g, '<code>'],
  [/127\.0\.0\.1:\d+/g, '<address>'],
  [/\d+\.\d s after/g, '<seconds> s after'],
  [/\b(in|after) \d+ ms\b/g, '$1 <ms>'],
]

/** The text without what differs between two runs: numbers that are made, times, addresses. */
export function masked(text: string): string {
  return MASKS.reduce((rest, [pattern, name]) => rest.replace(pattern, name), text)
}

/** What is shown, as a pattern for a masked text: `…` alone on a line stands for lines, within a line for its characters. */
export function patternOf(shown: string): RegExp {
  const escaped = masked(shown)
    .trimEnd()
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const lines = escaped.replaceAll(/^…\n/gm, '(?:.*\\n)*?').replace(/^…$/m, '[^]*')
  return new RegExp(`^${lines.replaceAll('…', '.*')}\\n*$`)
}
