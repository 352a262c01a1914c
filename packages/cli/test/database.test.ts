import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createDatabase, dropDatabase, startDatabase } from '@gerbang/embedded'
import pg from 'pg'
import { prepareGateway, writeSettings } from '../src/start/state.ts'
import { closedPort, emptyFolder, runGerbang, VECTORS } from './run-gerbang.ts'

/** A folder in which `gerbang start` was once, with the database it has written down. */
async function aFolder(t: TestContext, databaseUrl: string): Promise<{ cwd: string; home: string }> {
  const cwd = await emptyFolder(t)
  const home = join(cwd, '.gerbang')
  const settings = await prepareGateway(home)
  await writeSettings(home, { ...settings, DATABASE_URL: databaseUrl })
  return { cwd, home }
}

/** An empty database on the tests' PostgreSQL, or on one of its own when this file is run alone. */
async function anEmptyDatabase(t: TestContext): Promise<string> {
  const name = `cli_${process.pid}_${Date.now()}`
  const given = process.env.TEST_DATABASE_URL
  if (given !== undefined) {
    t.after(() => dropDatabase(given, name))
    return createDatabase(given, name)
  }
  const directory = await mkdtemp(join(tmpdir(), 'gerbang-cli-'))
  const database = await startDatabase({ directory })
  t.after(async () => {
    await database.stop()
    await rm(directory, { recursive: true })
  })
  return createDatabase(database.url, name)
}

test('whatever needs the database of a start that has ended says so, and what to type', async (t) => {
  const port = await closedPort()
  const { cwd, home } = await aFolder(t, `postgres://gerbang:hidden@127.0.0.1:${port}/gerbang`)
  for (const args of [['serve'], ['migrate'], ['partner', 'list'], ['partner', 'create', '--name', 'Shop']]) {
    const { code, out, err } = await runGerbang(args, { cwd })
    assert.equal(code, 3, args.join(' '))
    assert.deepEqual((out + err).split('\n'), [
      `The database of ${home} does not run (127.0.0.1:${port}: nothing listens there): it starts and ends with \`gerbang start\`.`,
      'Next: npx gerbang start (in another terminal), or set DATABASE_URL to a PostgreSQL of your own',
      '',
    ])
  }
  assert.ok(!(await readdir(home)).includes('shop.pem'), 'a key for a partner that was not made')
})

test('a DATABASE_URL that leads nowhere is named without its password', async (t) => {
  const port = await closedPort()
  const { cwd } = await aFolder(t, '')
  const env = { DATABASE_URL: `postgres://gerbang:hidden@127.0.0.1:${port}/gerbang` }
  const { code, err } = await runGerbang(['partner', 'list'], { cwd, env })
  assert.equal(code, 3)
  assert.equal(
    err,
    `The database at 127.0.0.1:${port} cannot be used: nothing listens there.\nNext: check DATABASE_URL\n`,
  )
})

test('beside a start with a DATABASE_URL of its own, and where there was no start, it is told what is missing', async (t) => {
  const { cwd, home } = await aFolder(t, '')
  const beside = await runGerbang(['partner', 'list'], { cwd })
  assert.equal(beside.code, 2)
  assert.match(
    beside.err,
    /^DATABASE_URL is missing\. `gerbang start` of this folder uses .*\nNext: repeat the command with the same DATABASE_URL/,
  )
  await rm(home, { recursive: true })
  const nowhere = await runGerbang(['partner', 'list'], { cwd })
  assert.equal(nowhere.code, 2)
  assert.match(nowhere.err, /^ {2}DATABASE_URL is missing/m)
  assert.match(nowhere.err, /^Next: npx gerbang start \(sets everything up here\), or set GERBANG_HOME: /m)
})

test('an empty database asks for migrate; then partners can be made and listed', async (t) => {
  const { cwd } = await aFolder(t, await anEmptyDatabase(t))
  const empty = await runGerbang(['partner', 'list'], { cwd })
  assert.equal(empty.code, 1)
  assert.equal(empty.err, 'The database has no tables of Gerbang yet.\nNext: npx gerbang migrate\n')
  assert.equal((await runGerbang(['migrate'], { cwd })).out, 'The database is up to date.\n')
  assert.match(
    (await runGerbang(['partner', 'list'], { cwd })).out,
    /^No partners\. Next: npx gerbang partner/,
  )
  const made = await runGerbang(['partner', 'create', '--name', 'My shop', '--json'], { cwd })
  const { partnerId, clientSecret, privateKeyFile } = JSON.parse(made.out)
  assert.match(clientSecret, /^SK-[A-Za-z0-9]{20}$/)
  assert.equal(privateKeyFile, join(cwd, '.gerbang', 'my-shop.pem'))
  const given = ['partner', 'create', '--name', 'Theirs', '--public-key', '-', '--client-id', 'BRN-THEIRS']
  const input = await readFile(join(VECTORS, 'keys', 'throw-away-a.public.pem'), 'utf8')
  const piped = await runGerbang(given, { cwd, input })
  assert.match(piped.out, /^Partner BRN-THEIRS may sign requests\./, piped.err)
  assert.ok(!piped.out.includes('PRIVATE_KEY_FILE'), 'their private key is theirs')
  const listed = await runGerbang(['partner', 'list'], { cwd })
  assert.match(listed.out, new RegExp(`^${partnerId} {2}active {2}doku {2}.* {2}My shop$`, 'm'))
  assert.ok(!listed.out.includes(clientSecret))
})

test('a database that a later version has migrated is left alone, by migrate and by serve, in one sentence', async (t) => {
  const url = await anEmptyDatabase(t)
  const { cwd } = await aFolder(t, url)
  assert.equal((await runGerbang(['migrate'], { cwd })).code, 0)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query("insert into migrations (name) values ('9998-later.sql'), ('9999-later-still.sql')")
  await client.end()
  for (const command of ['migrate', 'serve']) {
    const { code, out, err } = await runGerbang([command], { cwd, env: { GERBANG_PORT: '0' } })
    assert.equal(code, 1, command)
    assert.equal(
      out + err,
      'The database is newer than this program, which does not know 9998-later.sql, 9999-later-still.sql: start the version that migrated it or a later one, or go back to a backup from before it.\n',
    )
  }
})

test('serve and simulate name a port that somebody else has, and the setting that takes another', async (t) => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  t.after(() => squatter.close())
  const address = squatter.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const { cwd } = await aFolder(t, await anEmptyDatabase(t))
  for (const [command, setting] of [
    ['serve', 'GERBANG_PORT'],
    ['simulate', 'SIMULATOR_PORT'],
  ] as const) {
    const env = { [setting]: String(port), GERBANG_WORKERS: '1' }
    const { code, err } = await runGerbang([command], { cwd, env })
    assert.equal(code, 1)
    assert.match(
      err,
      new RegExp(`^Port ${port} is in use.*\\nNext: ${setting}=${port + 1000} npx gerbang ${command}\\n$`),
    )
  }
})
