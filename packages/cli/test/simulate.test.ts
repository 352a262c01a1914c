import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { BIN, emptyFolder } from './run-gerbang.ts'

test('simulate tells its parent where it listens and ends when the parent lets go', async (t) => {
  const cwd = await emptyFolder(t)
  const { PATH = '' } = process.env
  const child = fork(BIN, ['simulate'], { cwd, env: { PATH, SIMULATOR_PORT: '0' }, silent: true })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  const [message] = (await once(child, 'message')) as [{ ready: boolean; url: string }]
  assert.equal(message.ready, true)
  assert.equal((await fetch(`${message.url}/network/v1/health`)).status, 200)
  child.disconnect()
  assert.equal((await ended)[0], 0)
})

test('simulate ends in order on SIGTERM', async (t) => {
  const cwd = await emptyFolder(t)
  const { PATH = '' } = process.env
  const child = fork(BIN, ['simulate'], { cwd, env: { PATH, SIMULATOR_PORT: '0' }, silent: true })
  t.after(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  await once(child, 'message')
  child.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})
