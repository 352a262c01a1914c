import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readCliConfig } from '../src/config.ts'
import { openProgram } from '../src/program.ts'
import { referencePage } from '../src/reference-page.ts'
import { openTerminal } from '../src/terminal.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

test('docs/reference/cli.md is what the program prints', () => {
  const program = openProgram({ config: readCliConfig({}), terminal: openTerminal(false) })
  const committed = readFileSync(join(ROOT, 'docs/reference/cli.md'), 'utf8')
  assert.equal(committed, referencePage(program), 'run `npm run reference`')
})

test('every variable that a package reads is on one of the pages of settings', () => {
  const pages = ['cli.md', 'configuration.md'].map((name) =>
    readFileSync(join(ROOT, 'docs/reference', name), 'utf8'),
  )
  for (const name of ['cli', 'gateway', 'simulator']) {
    const folder = join(ROOT, 'packages', name, 'src')
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n')
    const variables = new Set(sources.match(/\b(GERBANG|SIMULATOR)_[A-Z_]*[A-Z]\b|\bDATABASE_URL\b/g))
    assert.ok(variables.size > 3, name)
    for (const variable of variables) {
      assert.ok(
        pages.some((page) => page.includes(`| \`${variable}\` |`)),
        `${variable} of packages/${name} is on no page`,
      )
    }
  }
})
