import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PAID, READY } from './demo-payment.ts'
import { aPlace, descendants, launchIn, type Place, survivors, theOne } from './launcher.ts'

function lockOfPostgres({ home }: Place): string {
  return join(home, 'postgres', 'cluster', 'data', 'postmaster.pid')
}

test('a killed launcher takes its children along, and the next start adopts the database', async (t) => {
  const place = await aPlace(t)
  const first = launchIn(place)
  await first.printed(READY)
  const began = descendants(first.process.pid)
  const isDatabase = ({ command }: { command: string }) => command.includes('postgres')
  const server = theOne(began, 'bin/postgres')
  first.process.kill('SIGKILL')
  const second = launchIn(place)
  await second.printed(PAID)
  assert.deepEqual(await survivors(began.filter((one) => !isDatabase(one))), [])
  assert.equal(Number((await readFile(lockOfPostgres(place), 'utf8')).split('\n')[0]), server)
  second.process.kill('SIGTERM')
  assert.equal(await second.ended, 0)
  assert.deepEqual(await survivors(began), [])
})

test('Ctrl-C while things are still starting ends everything that was begun', async (t) => {
  for (const waitMs of [50, 400, 900, 1_500]) {
    const place = await aPlace(t)
    const launcher = launchIn(place)
    await launcher.printed('Starting')
    await sleep(waitMs)
    const began = descendants(launcher.process.pid)
    launcher.process.kill('SIGINT')
    assert.equal(await launcher.ended, 0, launcher.output())
    assert.deepEqual(await survivors(began), [])
    await assert.rejects(stat(lockOfPostgres(place)), {
      code: 'ENOENT',
    })
  }
})
