import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { instantOf, openDemoClock, readClockFile } from './clock.ts'
import { readConfig } from './config.ts'

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'gerbang-clock-'))
})
after(() => rm(directory, { recursive: true, force: true }))

const HOUR = 3_600_000

/** Read between two looks at the machine's clock, however long this process is kept from running meanwhile. */
function assertAhead(now: () => number, aheadMs: number): void {
  const [before, shown, after] = [Date.now(), now(), Date.now()]
  assert.ok(before <= shown - aheadMs && shown - aheadMs <= after, `${shown - before} ms ahead`)
}

test('a clock without a file is the machine’s', () => {
  const clock = openDemoClock(join(directory, 'none.json'))
  assertAhead(clock.now, 0)
  clock.close()
})

test('a clock that is set ahead while it runs is ahead a moment later, and says by how much', async () => {
  const file = join(directory, 'clock.json')
  const clock = openDemoClock(file)
  await writeFile(file, JSON.stringify({ offsetMs: 12 * HOUR, frozenAt: null }))
  for (let n = 0; n < 100 && clock.now() < Date.now() + HOUR; n++) await wait(20)
  assertAhead(clock.now, 12 * HOUR)
  assert.ok(Math.abs((clock.shiftMs?.() ?? 0) - 12 * HOUR) < 50)
  clock.close()
})

test('a frozen clock shows one instant', () => {
  const frozen = { offsetMs: HOUR, frozenAt: '2026-05-26T10:00:00+07:00' }
  assert.equal(instantOf(frozen, 1), instantOf(frozen, 2))
  assert.equal(instantOf(frozen, 0), Date.parse('2026-05-26T10:00:00+07:00'))
})

for (const text of [
  '',
  '{',
  '[]',
  'null',
  '{"offsetMs":"1","frozenAt":null}',
  '{"offsetMs":1.5,"frozenAt":null}',
])
  test(`a clock file that says ${JSON.stringify(text)} sets nothing`, async () => {
    const file = join(directory, 'odd.json')
    await writeFile(file, text)
    assert.deepEqual(readClockFile(file), { offsetMs: 0, frozenAt: null })
  })

test('nobody sets the clock of a live gateway', () => {
  assert.throws(
    () => readConfig({ GERBANG_CLOCK_FILE: join(directory, 'clock.json') }),
    /GERBANG_CLOCK_FILE is for GERBANG_MODE=demo/,
  )
})
