const HEAD = 'gerbang keys='
/** PostgreSQL cuts the name of a session off behind this. */
const LONGEST = 63

/** By this name the database lists a process of the gateway: it says which keys of the vault the process holds, the first one first. */
export function processName(keyIds: readonly string[]): string {
  const held = [...keyIds]
  while (nameOf(held).length > LONGEST) held.pop()
  return nameOf(held)
}

/** The keys that such a name speaks of; none for a process of an earlier version. Undefined for what is no process of the gateway. */
export function keysOfProcess(name: string): readonly string[] | undefined {
  if (name === 'gerbang') return []
  return name.startsWith(HEAD) ? name.slice(HEAD.length).split(',') : undefined
}

function nameOf(keyIds: readonly string[]): string {
  return `${HEAD}${keyIds.join(',')}`
}
