import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'

/** Logs a line when it is told to, and ends with the last flush. */
const PROCESS = `
  const { openLog } = await import(${JSON.stringify(new URL('log.js', import.meta.url).href)})
  const log = openLog({ level: 'info' })
  await new Promise((resolve) => process.stdin.once('data', resolve))
  log.note('the last line')
  await log.flush()
  process.exit(0)`

for (const isRead of [true, false])
  test(`a process whose output is ${isRead ? '' : 'no longer '}read ends after its last line`, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', PROCESS], {
      stdio: ['pipe', 'pipe', 'inherit'],
      timeout: 10_000,
      killSignal: 'SIGKILL',
    })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text
    })
    if (!isRead) child.stdout.destroy()
    child.stdin.end('go')
    const [code] = await once(child, 'close')
    assert.equal(code, 0)
    assert.equal(printed.includes('the last line'), isRead)
  })
