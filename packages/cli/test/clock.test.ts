import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readDuration, writeDuration } from '../src/duration.ts'
import { emptyFolder, type Run, runGerbang } from './run-gerbang.ts'
import { aPlace, descendants, launchIn, type Place, theOne } from './start/launcher.ts'

const HOUR_MS = 3_600_000

function runIn({ cwd, environment }: Place, ...args: string[]): Promise<Run> {
  return runGerbang(args, { cwd, env: environment as Record<string, string> })
}

async function clockIn(
  place: Place,
  ...args: string[]
): Promise<{ now: string; aheadMs: number; isFrozen: boolean }> {
  const { code, out, err } = await runIn(place, 'clock', ...args, '--json')
  assert.equal(code, 0, err)
  assert.equal(err, '')
  return JSON.parse(out)
}

async function simulatorIn({ simulatorPort }: Place): Promise<{ now: string; frozenAt: string | null }> {
  const response = await fetch(`http://127.0.0.1:${simulatorPort}/_sim/clock`)
  return (await response.json()) as { now: string; frozenAt: string | null }
}

test('gateway and simulator keep one time, which advances, stands still, goes on and survives a restart', async (t) => {
  const place = await aPlace(t)
  place.environment.GERBANG_WORKERS = '2'
  const launcher = launchIn(place)
  await launcher.printed('Ctrl-C stops')
  assert.equal((await clockIn(place, 'now')).isFrozen, false)

  const ahead = await clockIn(place, 'advance', '12h')
  assert.ok(Math.abs(ahead.aheadMs - 12 * HOUR_MS) < 1_000, String(ahead.aheadMs))
  const offBy = async () => Date.parse((await simulatorIn(place)).now) - Date.now() - 12 * HOUR_MS
  assert.ok(Math.abs(await offBy()) < 10_000)

  const card = ['--cpan', '9360000200000200001', '--ott', '12345678', '--amount', '10000']
  const paid = await runIn(place, 'pay', ...card, '--reference', 'INV-AHEAD')
  assert.equal(paid.code, 0, paid.err)
  const status = JSON.parse((await runIn(place, 'status', 'INV-AHEAD', '--json')).out)
  assert.ok(Math.abs(Date.parse(status.paidTime) - Date.now() - 12 * HOUR_MS) < 10_000, status.paidTime)

  process.kill(theOne(descendants(launcher.process.pid), 'gerbang.js simulate'), 'SIGKILL')
  await launcher.printed('simulator is back.')
  assert.ok(Math.abs(await offBy()) < 10_000, 'a simulator that starts again takes the time of the demo')

  const frozen = await clockIn(place, 'freeze')
  assert.equal(frozen.isFrozen, true)
  const later = await clockIn(place, 'advance', '1d')
  assert.equal(Date.parse(later.now) - Date.parse(frozen.now), 24 * HOUR_MS)
  assert.equal(Date.parse((await simulatorIn(place)).frozenAt ?? '') - Date.parse(later.now) < 1_000, true)
  const running = await clockIn(place, 'run')
  assert.equal(running.isFrozen, false)
  assert.ok(Date.parse(running.now) >= Date.parse(later.now))

  const back = await runIn(place, 'clock', 'reset')
  assert.equal(back.code, 0)
  assert.match(back.err, /^The clock went back by 1d 1[12]h.*lies in the future\.$/m)
  assert.match(back.out, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00\n$/)
})

test('a clock that nobody is there to see is set for the next start, and says so', async (t) => {
  const place = await aPlace(t)
  const launcher = launchIn(place)
  await launcher.printed('Ctrl-C stops')
  launcher.process.kill('SIGTERM')
  await launcher.ended
  const { code, out, err } = await runIn(place, 'clock', 'advance', '1h')
  assert.equal(code, 0)
  assert.match(err, /simulator at .* was not told \(nothing listens there\)/)
  assert.match(err, /gateway at .* does not run/)
  assert.match(out, /1h ahead\n$/)
  assert.deepEqual(JSON.parse(await readFile(join(place.home, 'clock.json'), 'utf8')), {
    offsetMs: HOUR_MS,
    frozenAt: null,
  })
  const again = launchIn(place)
  await again.printed('Ctrl-C stops')
  assert.match(again.output(), /^ {2}Clock {10}\d{4}-\S+\+07:00 \(npx gerbang clock reset\)$/m)
  assert.ok(Math.abs((await clockIn(place, 'now')).aheadMs - HOUR_MS) < 1_000)
})

test('the clock of a gateway that is no demo is not touched', async (t) => {
  const cwd = await emptyFolder(t)
  for (const line of [['now'], ['advance', '1h']]) {
    const { code, err } = await runGerbang(['clock', ...line], { cwd })
    assert.equal(code, 4)
    assert.match(err, /is not a demo.*\nNext: npx gerbang start/)
  }
  const live = await runGerbang(['start'], { cwd, env: { GERBANG_MODE: 'live' } })
  assert.equal(live.code, 2)
  assert.match(live.err, /Next: npx gerbang serve/)
})

test('durations are read strictly and written shortly', () => {
  assert.equal(readDuration('it', '90s'), 90_000)
  assert.equal(readDuration('it', '1d12h'), 36 * HOUR_MS)
  for (const wrong of ['', '12', 'h', '-1h', '1.5h', '1h 30m', '1w']) {
    assert.throws(() => readDuration('it', wrong), /must be a duration/, wrong)
  }
  assert.deepEqual([0, 59_600, 90_000, -36 * HOUR_MS].map(writeDuration), ['0s', '1m', '1m 30s', '1d 12h'])
})
