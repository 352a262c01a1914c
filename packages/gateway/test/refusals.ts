import assert from 'node:assert/strict'
import type { Answer } from './merchant.ts'
import type { Stage } from './stage.ts'

const INTERNALS = /\bat |node_modules|\.ts\b|\.js\b|Error:|FST_|SyntaxError|stack|postgres|select /

/** A refusal of SNAP: its status is its code's, it has two members, and it tells nothing of the inside. */
export function expectRefusal(answer: Pick<Answer, 'status' | 'text'>, where: string): void {
  assert.ok(answer.status >= 400 && answer.status < 500, `${where}: HTTP ${answer.status} ${answer.text}`)
  const body = JSON.parse(answer.text)
  assert.deepEqual(Object.keys(body), ['responseCode', 'responseMessage'], where)
  assert.match(body.responseCode, /^\d{7}$/, where)
  assert.equal(Number(body.responseCode.slice(0, 3)), answer.status, where)
  assert.ok(body.responseMessage.length > 0 && body.responseMessage.length <= 150, where)
  assert.doesNotMatch(answer.text, INTERNALS, where)
}

/** Nothing was booked, nothing was told to the network, and the process still takes payments. */
export async function expectUntouched(stage: Stage): Promise<void> {
  const [rows] = await stage.query(
    `select (select count(*)::int from payments) payments, (select count(*)::int from request_ids) ids,
            (select count(*)::int from outbox) events`,
  )
  assert.deepEqual(rows, { payments: 0, ids: 0, events: 0 })
  assert.equal(stage.simulator.size(), 0)
  assert.equal((await stage.merchant.pay()).status, 200)
}
