import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCliConfig } from '../../src/config.ts'
import { CommandFailure } from '../../src/failure.ts'
import { REAL_PARTS } from '../../src/start/parts.ts'
import { start } from '../../src/start/start.ts'
import { aPlace } from './launcher.ts'

test('a gateway that dies at once is reported with its last words, and everything is stopped', async (t) => {
  const { home, environment } = await aPlace(t)
  const parts = {
    ...REAL_PARTS,
    serve: ['-e', 'console.error("the roof is on fire"); process.exitCode = 3'],
    registerPartner: async () => {},
  }
  await assert.rejects(start({ config: readCliConfig(environment, home), parts }), (error: unknown) => {
    assert.ok(error instanceof CommandFailure)
    assert.equal(error.exitCode, 1)
    assert.match(error.message, /gateway ended \(3\)[\s\S]*the roof is on fire/)
    return true
  })
  await assert.rejects(stat(join(home, 'postgres', 'cluster', 'data', 'postmaster.pid')), { code: 'ENOENT' })
  assert.deepEqual(
    (await readdir(home)).filter((name) => name.endsWith('.lock')),
    [],
  )
})

test('the last words of a process are its own, not those of an earlier start', async (t) => {
  const { home, environment } = await aPlace(t)
  const wordsOf = (script: string) =>
    start({
      config: readCliConfig(environment, home),
      parts: { ...REAL_PARTS, serve: ['-e', script], registerPartner: async () => {} },
    }).then(
      () => '',
      (error: Error) => error.message,
    )
  assert.match(await wordsOf('console.error("old news"); process.exitCode = 3'), /last words[\s\S]*old news$/)
  const second = await wordsOf('console.error("fire"); process.exitCode = 3')
  assert.match(second, /last words .*gateway\.log\):\n {2}fire$/)
  assert.match(await wordsOf('process.exitCode = 3'), /It wrote nothing to .*gateway\.log\.$/)
})

test('a first payment that fails is told, and the rest keeps running until it is stopped', async (t) => {
  const { home, environment } = await aPlace(t)
  const ready =
    'process.send({ ready: true, url: "http://127.0.0.1:1" }); process.once("disconnect", () => {})'
  const parts = {
    simulate: ['-e', ready],
    serve: ['-e', ready],
    registerPartner: async () => {},
    pay: () => {
      setTimeout(() => process.emit('SIGINT'), 50)
      return Promise.reject(new Error('no such card'))
    },
  }
  const lines: string[] = []
  const write = process.stdout.write
  t.after(() => {
    process.stdout.write = write
  })
  process.stdout.write = ((chunk: string | Uint8Array) => lines.push(String(chunk)) > 0) as typeof write
  await start({ config: readCliConfig(environment, home), parts })
  process.stdout.write = write
  assert.ok(lines.some((line) => line.includes('The first payment failed: no such card')))
})
