import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openVaultRotation, type RotationProgress, readConfig } from '../../src/index.ts'
import { CardNetwork } from '../card-network.ts'
import { anotherCard, keepCardOf, readCard, unbind, untilEnded } from '../kept-cards.ts'
import { addSealedPayments, cardOf, type KeyRing, keysOf, openEverything, twoKeys } from '../sealed-rows.ts'
import { openStage, type Stage } from '../stage.ts'
import { codesOf, startLoad } from './load.ts'

const ENTRY = fileURLToPath(new URL('rotation-process.js', import.meta.url))
const SEALED = 1_500

let stage: Stage
let ring: KeyRing
before(async () => {
  stage = await openStage({
    seams: { channels: [new CardNetwork().channel] },
    env: { GERBANG_UNBINDING_EVERY_MS: '20' },
  })
  ring = twoKeys(stage)
  await addSealedPayments(stage, SEALED)
})
after(() => stage.close())

/** Rotates in a process of its own, which is killed after so many values of a table. Returns how far it came. */
async function rotateAndDie(table: string, values: number): Promise<number> {
  const child = fork(ENTRY, { env: { PATH: process.env.PATH, ...ring.env('k2') } })
  let done = 0
  child.on('message', (progress: RotationProgress) => {
    if (progress.table !== table) return
    done = progress.done
    if (done >= values) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  return done
}

test('while payments and unbindings go on in old and new processes, a rotator that is killed twice loses nothing', async () => {
  // One process still seals under the old key, one under the new key already; both hold both.
  const channels = [new CardNetwork().channel]
  const older = await stage.openAnother({ channels }, ring.env('k1'))
  const newer = await stage.openAnother({ channels }, ring.env('k2'))
  const load = startLoad({ ...stage, merchant: merchantAt(newer.url) }, 3)
  const olderLoad = startLoad({ ...stage, merchant: merchantAt(older.url) }, 3)
  const kept = await Promise.all(
    Array.from({ length: 20 }, () => keepCardOf(stage, { cardNumber: anotherCard() })),
  )
  const unbound = (async () => {
    for (const { bankCardToken } of kept.slice(0, 10))
      assert.equal((await unbind(stage.merchant, bankCardToken, { baseUrl: newer.url })).status, 200)
  })()

  for (const values of [200, 400]) {
    const done = await rotateAndDie('payments', values)
    assert.ok(done >= values && done < SEALED, `killed after ${done}`)
    assert.deepEqual(keysOf(await openEverything(stage, ring.env('k1'))), ['k1', 'k2'])
  }
  await unbound
  const toldOlder = await olderLoad.end()
  await older.gateway.close()
  const rotation = openVaultRotation(readConfig(ring.env('k2')))
  const outcome = await rotation.rotate()
  const told = await load.end()
  await rotation.close()

  assert.equal(outcome.isComplete, true, JSON.stringify(outcome))
  assert.deepEqual(outcome.unusedKeys, ['k1'])
  assert.deepEqual(codesOf([...told, ...toldOlder]), ['2005400'])
  assert.ok(told.length > 20 && toldOlder.length > 20)

  const opened = await openEverything(stage, ring.env('k2'))
  assert.deepEqual(keysOf(opened), ['k2'])
  const payments = opened.filter(({ place }) => place.startsWith('payments.card_sealed '))
  assert.equal(payments.length, SEALED + told.length + toldOlder.length)
  for (const { place, text } of payments) {
    const number = place.split(' ')[1] ?? ''
    assert.equal(text, number.startsWith('SEALED') ? cardOf(number) : '9360000220000000037')
  }
  for (const { bankCardToken } of kept.slice(0, 10)) {
    const line = await untilEnded(stage, bankCardToken)
    assert.deepEqual([line.card, line.sealed], ['inactive', 0])
  }
  for (const { bankCardToken } of kept.slice(10))
    assert.equal((await readCard(stage, bankCardToken)).card, 'active')
})

test('two rotators at once do the work once and spoil nothing', async () => {
  const before = (await openEverything(stage, ring.env('k1'))).map(({ text }) => text)
  const rotations = [1, 2].map(() => openVaultRotation(readConfig(ring.env('k1'))))
  const outcomes = await Promise.all(rotations.map((rotation) => rotation.rotate({ batch: 50 })))
  await Promise.all(rotations.map((rotation) => rotation.close()))
  const done = outcomes.flatMap(({ columns }) => columns).reduce((sum, line) => sum + line.done, 0)
  assert.equal(done, before.length)
  const after = await openEverything(stage, ring.env('k1'))
  assert.deepEqual(keysOf(after), ['k1'])
  assert.deepEqual(
    after.map(({ text }) => text),
    before,
  )
})

function merchantAt(url: string): Stage['merchant'] {
  const { merchant } = stage
  const moved = Object.create(merchant) as Stage['merchant']
  moved.call = (path, body, changes) => merchant.call(path, body, { ...changes, baseUrl: url })
  return moved
}
