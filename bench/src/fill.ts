import { createHash } from 'node:crypto'
import pg from 'pg'
import type { Stage } from './stage.ts'
import { type Call, fillCall, recordTemplate } from './template.ts'

/** References of filled payments sort before all that the gateway makes. */
export const FILL_PREFIX = '10000000000000000000'
const CHUNK = 1000
const CLIENTS = 2

/** Real payments through claim and settle, so with every index, request id and event, in commits of a thousand. */
export async function fillTables(
  stage: Stage,
  payments: number,
  { partnerId = stage.merchant.partnerId, say }: { partnerId?: string; say?: (done: number) => void } = {},
): Promise<void> {
  const template = await recordTemplate(partnerId, FILL_PREFIX)
  let next = 0
  const work = async () => {
    const client = new pg.Client({ connectionString: stage.databaseUrl })
    await client.connect()
    try {
      while (next < payments) {
        const from = next + 1
        const to = Math.min(next + CHUNK, payments)
        next = to
        await client.query('begin')
        await client.query(callFor(template.claim, from, to))
        await client.query(callFor(template.settle, from, to))
        await client.query('commit')
        if (to % 100_000 === 0) say?.(to)
      }
    } finally {
      await client.end()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
  await stage.database.query('checkpoint')
}

/** The recorded call for every number of a range, as one call of the function for all of them. */
function callFor(call: Call, from: number, to: number): { text: string; values: unknown[] } {
  const calls = Array.from({ length: to - from + 1 }, (_, index) => {
    const count = from + index
    return fillCall(call, count, createHash('md5').update(String(count)).digest('hex')).values
  })
  const columns = call.values.map((_, column) => calls.map((values) => values[column]))
  return { text: call.statement.text, values: [...call.shared, ...columns] }
}
