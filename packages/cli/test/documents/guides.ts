import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './document.ts'

/** Its commands change the sources; the gateway's test of new channels runs them in a copy. */
const OF_SOURCES = 'add-a-channel.md'

/** All guides that a reader can follow, in two halves: each takes its time. */
export const [FIRST_GUIDES, OTHER_GUIDES] = halves(
  readdirSync(join(ROOT, 'docs/guides'))
    .filter((name) => name !== OF_SOURCES)
    .sort()
    .map((name) => `docs/guides/${name}`),
)

function halves(names: readonly string[]): readonly [readonly string[], readonly string[]] {
  const middle = Math.ceil(names.length / 2)
  return [names.slice(0, middle), names.slice(middle)]
}
