import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startSimulator } from '../src/index.ts'
import { aBinding, aRefund, RIGHT } from './kept-cards.ts'
import { aCharge, aDirectory, aReference, aSimulator, call, LOAD_CARD } from './rig.ts'

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url))

async function aProcess(t: TestContext, directory: string): Promise<{ child: ChildProcess; url: string }> {
  const env = { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_DIRECTORY: directory }
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  t.after(() => child.kill('SIGKILL'))
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { child, url }
}

test('killed while it charges, it finds every answered charge in the book, once', async (t) => {
  const directory = aDirectory(t)
  const answered = new Map<string, unknown>()
  for (let round = 0; round < 3; round++) {
    const { child, url } = await aProcess(t, directory)
    const lanes = Array.from({ length: 8 }, async () => {
      for (;;) {
        const charge = aCharge({ cardNumber: LOAD_CARD })
        const { status, body } = await call(`${url}/network/v1/charges`, 'POST', charge)
        assert.equal(status, 200)
        answered.set(charge.referenceNo, body.networkReferenceNo)
        if (answered.size === (round + 1) * 300) child.kill('SIGKILL')
      }
    })
    const ends = await Promise.allSettled(lanes)
    assert.ok(ends.every(({ status }) => status === 'rejected'))
  }

  const simulator = await startSimulator({ directory, port: 0 })
  t.after(() => simulator.close())
  const text = await (await fetch(`${simulator.url}/network/v1/book`)).text()
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const book = new Map(lines.map((line) => [line.referenceNo, line.networkReferenceNo]))
  assert.equal(book.size, lines.length)
  assert.ok(answered.size >= 900)
  for (const [referenceNo, networkReferenceNo] of answered)
    assert.equal(book.get(referenceNo), networkReferenceNo)
})

test('killed while it binds, refunds and unbinds, it keeps every word that it has given', async (t) => {
  const directory = aDirectory(t)
  const answered = new Map<string, Record<string, unknown>>()
  for (let round = 0; round < 2; round++) {
    const { child, url } = await aProcess(t, directory)
    const post = async (path: string, body: object, inquiry?: string) => {
      const reply = await call(`${url}/network/v1${path}`, 'POST', body)
      assert.equal(reply.status, 200)
      if (inquiry !== undefined) answered.set(inquiry, reply.body)
      if (answered.size >= (round + 1) * 120) child.kill('SIGKILL')
      return reply.body
    }
    const lanes = Array.from({ length: 4 }, async () => {
      for (;;) {
        const charge = aCharge({ cardNumber: LOAD_CARD })
        await post('/charges', charge)
        const refund = aRefund(charge.referenceNo, { amount: { value: '6000.00', currency: 'IDR' } })
        await post('/refunds', refund, `/refunds/${refund.referenceNo}`)
        const binding = aBinding({ cardNumber: LOAD_CARD })
        const inquiry = `/bindings/${binding.referenceNo}`
        await post('/bindings', binding)
        const { networkToken } = await post(`${inquiry}/verification`, { attempt: 1, otp: RIGHT }, inquiry)
        const unbinding = { referenceNo: aReference(), merchantId: 'BRN-0001', networkToken }
        await post('/unbindings', unbinding, `/unbindings/${unbinding.referenceNo}`)
      }
    })
    const ends = await Promise.allSettled(lanes)
    assert.ok(ends.every(({ status }) => status === 'rejected'))
  }

  const simulator = await startSimulator({ directory, port: 0 })
  t.after(() => simulator.close())
  assert.ok(answered.size >= 240)
  for (const [inquiry, said] of answered)
    assert.deepEqual((await call(`${simulator.url}/network/v1${inquiry}`, 'GET')).body, said)
})

test('what resolved while it was down is resolved after the restart', async (t) => {
  const simulator = await aSimulator(t)
  const references: string[] = []
  for (const oneTimeToken of ['10000060', '20000060', '30000060', '10000000']) {
    references.push(String((await simulator.charge({ oneTimeToken })).body.referenceNo))
  }
  await simulator.restart(60_000)
  const statuses = (await simulator.book()).map((line) => line.status)
  assert.deepEqual(statuses, ['approved', 'declined', 'declined', 'waiting'])
  assert.equal((await simulator.inquire(references[0] ?? '')).body.status, 'approved')
})

test('a resolution is written down when it is first seen, and read again', async (t) => {
  const simulator = await aSimulator(t)
  const { body } = await simulator.charge({ oneTimeToken: '10000001' })
  const confirmed = await simulator.charge({ oneTimeToken: '10000000' })
  await simulator.control('POST', `/charges/${confirmed.body.referenceNo}/decline`)
  simulator.advance(1_000)
  for (let n = 0; n < 3; n++) await simulator.inquire(String(body.referenceNo))
  assert.equal(readFileSync(simulator.ledgerPath, 'utf8').trimEnd().split('\n').length, 4)
  const before = await simulator.book()
  await simulator.restart()
  assert.deepEqual(await simulator.book(), before)
  assert.equal((await simulator.charge({ referenceNo: String(body.referenceNo) })).status, 409)
})

test('a torn last line is cut off and the book goes on after it', async (t) => {
  const simulator = await aSimulator(t)
  await simulator.charge()
  const before = await simulator.book()
  appendFileSync(simulator.ledgerPath, '{"r":"123')
  await simulator.restart()
  assert.deepEqual(await simulator.book(), before)
  await simulator.charge()
  await simulator.restart()
  assert.equal((await simulator.book()).length, 2)
})

test('a line in the middle that cannot be read stops the start', async (t) => {
  const directory = aDirectory(t)
  const simulator = await startSimulator({ directory, port: 0 })
  await call(`${simulator.url}/network/v1/charges`, 'POST', aCharge())
  await simulator.close()
  appendFileSync(simulator.ledgerPath, 'nonsense\n')
  await assert.rejects(startSimulator({ directory, port: 0 }), /line 2 cannot be read/)
})

test('a disk that takes no more breaks connections instead of promising, and a restart knows every answer', async (t) => {
  const directory = aDirectory(t)
  const env = { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_DIRECTORY: directory }
  const limited = spawn('/bin/sh', ['-c', `ulimit -f 16; exec "${process.execPath}" "${MAIN}"`], {
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  t.after(() => limited.kill('SIGKILL'))
  const [{ url }] = (await once(limited, 'message')) as [{ url: string }]
  const answered = new Set<string>()
  for (let isBroken = false; !isBroken && answered.size < 1_000; ) {
    const charge = aCharge({ cardNumber: LOAD_CARD })
    await call(`${url}/network/v1/charges`, 'POST', charge).then(
      () => answered.add(charge.referenceNo),
      () => {
        isBroken = true
      },
    )
  }
  assert.ok(answered.size > 10 && answered.size < 1_000)
  assert.equal((await call(`${url}/network/v1/health`, 'GET')).status, 503)
  await assert.rejects(call(`${url}/network/v1/book`, 'GET'))
  limited.kill('SIGKILL')

  const simulator = await aSimulator(t, { directory })
  const book = new Set((await simulator.book()).map((line) => line['referenceNo']))
  for (const referenceNo of answered) assert.ok(book.has(referenceNo))
})

test('a second simulator on the same ledger breaks off instead of writing over the first', async (t) => {
  const first = await aSimulator(t)
  const second = await aSimulator(t, { directory: first.directory })
  await first.charge()
  await assert.rejects(second.charge())
  await first.charge()
  await first.restart()
  assert.equal((await first.book()).length, 2)
})

test('with fsync on, charges are booked the same', async (t) => {
  const simulator = await aSimulator(t, { fsync: true })
  const replies = await Promise.all(
    Array.from({ length: 20 }, () => simulator.charge({ referenceNo: aReference() })),
  )
  assert.ok(replies.every(({ status }) => status === 200))
  assert.equal((await simulator.book()).length, 20)
})
