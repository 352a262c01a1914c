/** A word as a POSIX shell takes it: as it stands when that is safe, else in quotes. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : quoted(text)
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
