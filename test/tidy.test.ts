import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { composersOf, FOLDERS_MAY_IMPORT, importFaults } from './imports.ts'
import { readSyntax } from './syntax.ts'
import { textFaults } from './text.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MIGRATIONS = join(ROOT, 'packages/gateway/migrations')
const BINARY = /\.(png|webp|jpg|gif|ico|woff2?)$/

/** Every file that git tracks or would track, without binaries and the lock file. */
function projectFiles(): Map<string, string> {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
  })
  const files = listed.toString().trim().split('\n')
  return new Map(
    files
      .filter((file) => !BINARY.test(file) && file !== 'package-lock.json' && existsSync(join(ROOT, file)))
      .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
  )
}

/** All faults of a set of files, as "file: fault". */
function faultsIn(files: ReadonlyMap<string, string>): string[] {
  const syntax = readSyntax(new Map([...files].filter(([file]) => file.endsWith('.ts'))))
  const imports = [...syntax.values()].flatMap((read) => read.imports)
  const composers = composersOf(imports)
  return [
    ...[...files].flatMap(([file, text]) => textFaults(file, text).map((fault) => `${file}: ${fault}`)),
    ...[...syntax].flatMap(([file, { faults }]) => faults.map((fault) => `${file}: ${fault}`)),
    ...imports.flatMap((one) => importFaults(one, composers).map((fault) => `${one.file}: ${fault}`)),
  ]
}

test('every file keeps the rules of the house', () => {
  const files = projectFiles()
  assert.ok(files.size > 50, `only ${files.size} files were read`)
  assert.deepEqual(faultsIn(files), [])
})

/** One bad sample per rule: file, text, and a word of the fault it has to raise. */
const BAD: readonly (readonly [file: string, text: string, fault: string])[] = [
  ['packages/snap/src/a.ts', "import { x } from '@gerbang/gateway'", 'snap must not import gateway'],
  ['packages/sdk/src/a.ts', "export * from '@gerbang/simulator'", 'sdk must not import simulator'],
  ['packages/gateway/src/payment/a.ts', "import '@gerbang/embedded'", 'gateway must not import embedded'],
  ['packages/sdk/src/b.ts', "import { x } from '../../snap/src/a.ts'", 'imported by name'],
  ['packages/gateway/src/channels/a.ts', "import '../payment/states.ts'", 'channels must not import payment'],
  ['packages/gateway/src/status/a.ts', "import '../payment/store.ts'", 'private to payment'],
  ['packages/gateway/src/anything/a.ts', "import '../database/pool.ts'", 'has no row'],
  ['packages/snap/src/long.ts', 'export {}\n'.repeat(301), 'at most 300'],
  ['packages/snap/src/f.ts', `export function f() {\n${'f()\n'.repeat(60)}}`, 'a function of 62 lines'],
  ['packages/snap/src/p.ts', 'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => a', '5 positional'],
  ['packages/snap/src/string-utils.ts', 'export {}', 'a name that says nothing'],
  ['packages/snap/src/c.ts', 'export class PaymentService { x = 1 }', 'PaymentService says nothing'],
  ['packages/snap/src/d.ts', 'export class Payment { pay() {} }', 'holds no state'],
  ['packages/gateway/src/http/a.ts', 'export const port = process.env.PORT', 'belongs to config.ts'],
  ['packages/gateway/src/http/b.ts', "console.log('x')", 'console'],
  ['packages/gateway/src/payment/b.ts', 'export const q = `select 1 from payments`', 'SQL belongs'],
  ['packages/snap/src/e.ts', 'export function f(a: any) { return a }', 'any'],
  ['packages/snap/src/g.ts', 'export enum E { A }', 'enum'],
  ['packages/snap/src/h.ts', 'export const f = (a?: string) => a!.length', 'non-null'],
  ['packages/snap/src/i.ts', `// ${'TO' + 'DO'}: later`, 'unfinished'],
  ['packages/snap/src/a.test.ts', `test.${'on' + 'ly'}('x', () => {})`, 'switched off'],
  ['packages/snap/src/b.test.ts', `test('${'sho' + 'uld'} work', () => {})`, 'promises nothing'],
  ['docs/a.md', `see ${'/wo' + 'rk'}/main`, 'absolute path'],
  ['docs/b.md', `https://${'registry.npmjs' + '.org'}/x`, 'registry'],
]

test('no arrow between the folders of the gateway points back', () => {
  const placed = new Set<string>()
  for (let before = -1; placed.size > before; ) {
    before = placed.size
    for (const [folder, imported] of Object.entries(FOLDERS_MAY_IMPORT)) {
      if (imported.every((one) => placed.has(one))) placed.add(folder)
    }
  }
  assert.deepEqual(
    Object.keys(FOLDERS_MAY_IMPORT).filter((folder) => !placed.has(folder)),
    [],
  )
})

test('each rule refuses its bad sample', () => {
  const faults = faultsIn(new Map(BAD.map(([file, text]) => [file, text])))
  for (const [file, , fault] of BAD) {
    const own = faults.filter((found) => found.startsWith(`${file}: `))
    assert.equal(own.length, 1, `${file}: ${own.join('; ')}`)
    assert.ok(own[0]?.includes(fault), own[0])
  }
})

test('a migration that was merged is never edited', () => {
  const listed = join(MIGRATIONS, 'hashes.json')
  if (!existsSync(listed)) return
  const names = readdirSync(MIGRATIONS).filter((name) => name.endsWith('.sql'))
  const hashes = names.map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(join(MIGRATIONS, name)))
      .digest('hex'),
  ])
  assert.deepEqual(Object.fromEntries(hashes), JSON.parse(readFileSync(listed, 'utf8')))
})

test('installing tells nobody: what a dependency would report is switched off', () => {
  const text = (name: string) => readFileSync(join(ROOT, name), 'utf8')
  // Its install script sends the names and versions of whatever depends on it, unless the outermost package objects.
  if (!text('package-lock.json').includes('node_modules/@scarf/scarf')) return
  assert.deepEqual(JSON.parse(text('package.json')).scarfSettings, { enabled: false })
})

test('the changelog has a place for what is not released', () => {
  assert.match(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8'), /^## Unreleased$/m)
})
