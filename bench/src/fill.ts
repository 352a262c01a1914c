import pg from 'pg'
import type { Stage } from './stage.ts'
import { type Call, COUNT, recordTemplate, SCATTER } from './template.ts'

/** References of filled payments sort before all that the gateway makes. */
export const FILL_PREFIX = '10000000000000000000'
const CHUNK = 1000
const CLIENTS = 2

/** Real payments through claim and settle, so with every index, request id and event, in commits of a thousand. */
export async function fillTables(stage: Stage, payments: number, say: (done: number) => void): Promise<void> {
  const template = await recordTemplate(stage.merchant.partnerId, FILL_PREFIX)
  const claim = await bulkOf(stage.database, template.claim)
  const settle = await bulkOf(stage.database, template.settle)
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
        await client.query(claim.text, [...claim.values, from, to])
        await client.query(settle.text, [...settle.values, from, to])
        await client.query('commit')
        if (to % 100_000 === 0) say(to)
      }
    } finally {
      await client.end()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, work))
  await stage.database.query('checkpoint')
}

/** The recorded call for every number of a range: the function's own parameters, with the marks filled in SQL. */
async function bulkOf(
  database: pg.Pool,
  { statement, values }: Call,
): Promise<{ text: string; values: unknown[] }> {
  const name = /from ([a-z0-9_]+)\(/.exec(statement.text)?.[1]
  if (name === undefined) throw new Error(`no function is called in: ${statement.text}`)
  const { rows } = await database.query<{ types: string }>(
    'select oidvectortypes(proargtypes) as types from pg_proc where proname = $1',
    [name],
  )
  const types = rows[0]?.types.split(', ') ?? []
  const parameters = values.map((value, index) => {
    const isMarked = typeof value === 'string' && value.includes('<')
    if (!isMarked) return `$${index + 1}::${types[index]}`
    const counted = `replace($${index + 1}::text, '${COUNT}', lpad(n::text, 12, '0'))`
    return `replace(${counted}, '${SCATTER}', md5(n::text))::${types[index]}`
  })
  const range = `generate_series($${values.length + 1}::bigint, $${values.length + 2}::bigint) as g(n)`
  return {
    text: `select count(*) from ${range}, lateral ${name}(${parameters.join(', ')})`,
    values: [...values],
  }
}
