import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmod, chown, cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { findBinaries, locatePackage } from '../src/binaries.ts'
import { finallyIn, isRoot } from './world.ts'

const runAs = isRoot ? { uid: 65_534, gid: 65_534 } : undefined
const log = () => {}

/** The package as npm leaves it when install scripts may not run, and a folder everybody can pass through. */
async function anInstallation(t: TestContext): Promise<{ root: string; copies: string }> {
  const copies = await mkdtemp(join(tmpdir(), 'gerbang test '))
  finallyIn(t, () => rm(copies, { recursive: true, force: true }))
  await chmod(copies, 0o755)
  const root = join(copies, 'closed', 'package')
  await cp(locatePackage(), root, { recursive: true, verbatimSymlinks: true })
  const links = JSON.parse(await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as {
    target: string
  }[]
  for (const { target } of links) await rm(join(root, target), { force: true })
  return { root, copies }
}

test('links that the install script did not make are made at the start', async (t) => {
  const { root, copies } = await anInstallation(t)
  const { postgres } = await findBinaries({ root, copies, runAs, log })
  assert.ok(postgres.startsWith(root))
})

test('programs that the account cannot reach, or complete, are copied out once', async (t) => {
  const { root, copies } = await anInstallation(t)
  // Root writes anywhere, but `nobody` cannot pass; an ordinary account passes, but cannot write.
  await chmod(isRoot ? join(copies, 'closed') : join(root, 'native', 'lib'), isRoot ? 0o700 : 0o555)
  const told: string[] = []
  const first = await findBinaries({ root, copies, runAs, log: (line) => told.push(line) })
  assert.ok(!first.postgres.startsWith(root))
  assert.equal((await stat(first.postgres)).mode & 0o022, 0)
  assert.match(execFileSync(first.postgres, ['-V'], { encoding: 'utf8', ...runAs }), /PostgreSQL/)
  const made = (await stat(first.postgres)).ino
  const second = await findBinaries({ root, copies, runAs, log: (line) => told.push(line) })
  assert.deepEqual([second, (await stat(second.postgres)).ino], [first, made])
  assert.equal(told.length, 1, told.join('\n'))
  assert.match(
    told[0] ?? '',
    /^Copied PostgreSQL's programs \(\d\d MB\) to .*: the account that runs them cannot/,
  )
  assert.ok(told[0]?.includes(join(first.postgres, '..', '..', '..')), 'where the copy is')

  await rm(first.initdb)
  const third = await findBinaries({ root, copies, runAs, log })
  assert.ok((await stat(third.initdb)).isFile(), 'a copy with a part missing is made anew')
  if (!isRoot) await chmod(join(root, 'native', 'lib'), 0o755)
})

test('a copy that others may write, or that others made, is not trusted', async (t) => {
  const { root, copies } = await anInstallation(t)
  await chmod(isRoot ? join(copies, 'closed') : join(root, 'native', 'lib'), isRoot ? 0o700 : 0o555)
  const first = await findBinaries({ root, copies, runAs, log })
  const place = join(first.postgres, '..', '..', '..')
  if (isRoot) await chown(place, 1_000, 1_000)
  else await chmod(place, 0o777)
  const second = await findBinaries({ root, copies, runAs, log })
  assert.notEqual(second.postgres, first.postgres)
  if (!isRoot) t.diagnostic('not root: tried with a copy that others may write, not with a foreign owner')
  if (!isRoot) await chmod(join(root, 'native', 'lib'), 0o755)
})

test('a parent folder where others could replace our files is refused', async (t) => {
  const { root, copies } = await anInstallation(t)
  await chmod(isRoot ? join(copies, 'closed') : join(root, 'native', 'lib'), isRoot ? 0o700 : 0o555)
  const open = join(copies, 'open')
  await mkdir(open)
  await chmod(open, 0o777)
  await assert.rejects(findBinaries({ root, copies: open, runAs, log }), /sticky bit/)
  if (!isRoot) await chmod(join(root, 'native', 'lib'), 0o755)
})
