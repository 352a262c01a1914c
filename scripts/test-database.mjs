import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A PostgreSQL that is killed loses nothing by these: only a machine that loses its power would, and no test takes that. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off' }

/**
 * Runs `work` with TEST_DATABASE_URL and TEST_DATABASE_TEMPLATE set, and stops and removes what it started whatever
 * happens. Where TEST_DATABASE_URL is set already, that PostgreSQL is used. `work` runs without them when there is none.
 * @returns the fault, if PostgreSQL or its template could not be made
 */
export async function withDatabase(work) {
  const endings = []
  let fault
  try {
    const startedAt = performance.now()
    process.env.TEST_DATABASE_URL ||= await start(endings)
    process.env.TEST_DATABASE_TEMPLATE = await makeTemplate(process.env.TEST_DATABASE_URL, endings)
    console.log(`✔ PostgreSQL (${((performance.now() - startedAt) / 1000).toFixed(1)} s)\n`)
  } catch (error) {
    fault = error
    console.log('✖ no PostgreSQL to test with:', error)
  }
  try {
    await work()
  } finally {
    for (const end of endings.reverse()) await end()
  }
  return fault
}

async function start(endings) {
  const directory = mkdtempSync(join(tmpdir(), 'gerbang-test-'))
  endings.push(() => rmSync(directory, { recursive: true, force: true }))
  // PostgreSQL refuses to run as root, so its own user has to get through.
  chmodSync(directory, 0o755)
  const { startDatabase } = await import('@gerbang/embedded')
  const database = await startDatabase({ directory: join(directory, 'postgres'), settings: SETTINGS })
  endings.push(() => database.stop())
  return database.url
}

/** What the stages' databases are copies of: to write all tables anew for each took longer than many a test. */
async function makeTemplate(url, endings) {
  const { createDatabase, dropDatabase } = await import('@gerbang/embedded')
  const { migrateDatabase } = await import('../packages/gateway/dist/src/database/migrate.js')
  const name = `gerbang_template_${process.pid}`
  const template = await createDatabase(url, name)
  endings.push(() => dropDatabase(url, name))
  await migrateDatabase(template)
  return name
}
