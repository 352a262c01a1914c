import assert from 'node:assert/strict'
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../../../..', import.meta.url))
const GATEWAY = 'packages/gateway'

/** As much of the project as a channel and its suite need, in a place of its own. */
function aCopy(t: TestContext): string {
  const copy = mkdtempSync(join(tmpdir(), 'new-channel-'))
  t.after(() => rmSync(copy, { recursive: true, force: true }))
  mkdirSync(join(copy, GATEWAY, 'test'), { recursive: true })
  for (const path of [
    'tsconfig.base.json',
    'biome.json',
    '.gitignore',
    'scripts/new-channel.mjs',
    `${GATEWAY}/package.json`,
    `${GATEWAY}/src/channels`,
    `${GATEWAY}/src/secret.ts`,
    `${GATEWAY}/src/line.ts`,
    `${GATEWAY}/src/clock.ts`,
    `${GATEWAY}/src/due-work.ts`,
    `${GATEWAY}/test/channels`,
  ])
    cpSync(join(ROOT, path), join(copy, path), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  const config = {
    extends: '../../tsconfig.base.json',
    compilerOptions: { rootDir: '.', outDir: 'dist', composite: false, incremental: false },
    include: ['src', 'test'],
    exclude: ['src/**/*.test.ts'],
  }
  writeFileSync(join(copy, GATEWAY, 'tsconfig.json'), JSON.stringify(config))
  return copy
}

function node(cwd: string, ...args: string[]): SpawnSyncReturns<string> {
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
  return spawnSync(process.execPath, args, { cwd, encoding: 'utf8', env })
}

/** What is made of each kind, and what of it the suite asks for in vain. */
const KINDS = [
  ['linkaja', ['wallet'], /EMONEY_LINKAJA_SNAP/, /linkaja: a sale waits for its customer/],
  ['permata', [], /DIRECT_DEBIT_PERMATA_SNAP/, /permata: what is kept is bound/],
] as const

test('a new channel compiles, is on the list, and is red until it is written', (t) => {
  const copy = aCopy(t)
  for (const [name, kind, canonical] of KINDS) {
    const made = node(copy, 'scripts/new-channel.mjs', name, ...kind)
    assert.equal(made.status, 0, made.stderr)
    for (const step of ['1. ', '2. ', '3. ']) assert.ok(made.stdout.includes(`\n${step}`), made.stdout)
    for (const file of ['profile.ts', 'index.ts', 'README.md'])
      assert.ok(readFileSync(join(copy, GATEWAY, 'src/channels', name, file), 'utf8').length > 0)
    const profile = readFileSync(join(copy, GATEWAY, 'src/channels', name, 'profile.ts'), 'utf8')
    assert.match(profile, canonical)
    assert.doesNotMatch(profile, /inferred: \[\]/)
  }
  const list = readFileSync(join(copy, GATEWAY, 'src/channels/index.ts'), 'utf8')
  assert.match(list, /import \{ kki \}.*\nimport \{ linkaja \}.*\nimport \{ mandiri \}/)

  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const compiled = node(copy, compiler, '-p', GATEWAY)
  assert.equal(compiled.status, 0, compiled.stdout)
  const linted = node(
    copy,
    join(ROOT, 'node_modules/@biomejs/biome/bin/biome'),
    'check',
    `${GATEWAY}/src/channels`,
  )
  assert.equal(linted.status, 0, linted.stderr)
  const suite = `${GATEWAY}/dist/test/channels/contract.test.js`
  for (const [name, , , vain] of KINDS) {
    const run = node(copy, '--test', '--test-reporter=tap', `--test-name-pattern=^${name}:`, suite)
    assert.notEqual(run.status, 0, run.stdout)
    assert.match(run.stdout, new RegExp(`not ok \\d+ - ${vain.source}`))
  }
  const others = node(copy, '--test', '--test-reporter=tap', '--test-name-pattern=^dana:', suite)
  assert.equal(others.status, 0, others.stdout)
})

test('a name that is taken or that no folder has, or an unknown kind, is refused, and nothing is written', (t) => {
  const copy = aCopy(t)
  const list = () => readFileSync(join(copy, GATEWAY, 'src/channels/index.ts'), 'utf8')
  const before = list()
  for (const name of ['cimb', 'bank', 'Link-Aja', '../x', '']) {
    const made = node(copy, 'scripts/new-channel.mjs', ...(name === '' ? [] : [name]))
    assert.equal(made.status, 1, name)
    assert.match(made.stderr, /Usage: npm run channel:new/)
  }
  const made = node(copy, 'scripts/new-channel.mjs', 'linkaja', 'shop')
  assert.equal(made.status, 1)
  assert.match(made.stderr, /A channel is a bank or a wallet/)
  assert.equal(list(), before)
})
