import assert from 'node:assert/strict'
import { chmod, chown, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { chooseRunAs } from '../src/run-as.ts'
import { startDatabase } from '../src/start-database.ts'
import { aFolder, finallyIn, isRoot, killNode, startElsewhere, stopAfter } from './world.ts'

const SOMEBODY = 1_000

test('an ordinary account runs the server as itself, and root later runs it as that account', async (t) => {
  const directory = isRoot ? await mkdtemp(join(tmpdir(), 'gerbang test ')) : await aFolder(t)
  if (isRoot) await chown(directory, SOMEBODY, SOMEBODY)
  const account = isRoot ? { uid: SOMEBODY, gid: SOMEBODY } : {}
  const { node, database } = await startElsewhere(directory, account)
  await killNode(node)
  const uid = isRoot ? SOMEBODY : process.getuid?.()
  assert.equal((await stat(`/proc/${database.pid}`)).uid, uid)
  const adopted = stopAfter(t, await startDatabase({ directory }))
  assert.ok(adopted.adopted)
  await adopted.stop()
  const again = await startDatabase({ directory })
  assert.equal((await stat(`/proc/${again.pid}`)).uid, uid)
  await again.stop()
  if (isRoot) await rm(directory, { recursive: true })
  else t.diagnostic('not root: only the starts under our own account were tried, not the change of account')
})

test('a cluster of somebody else is refused, not damaged', async (t) => {
  if (!isRoot) {
    await assert.rejects(chooseRunAs('/'), /belongs to user 0, we are user \d+/)
    return
  }
  const directory = await mkdtemp(join(tmpdir(), 'gerbang test '))
  finallyIn(t, () => rm(directory, { recursive: true }))
  const first = await startDatabase({ directory })
  await first.stop()
  await chmod(directory, 0o755)
  await chmod(join(directory, 'cluster'), 0o755)
  await assert.rejects(startElsewhere(directory, { uid: SOMEBODY, gid: SOMEBODY }), /without a word/)
  const second = await startDatabase({ directory })
  await second.stop()
})
