import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { createDatabase, dropDatabase } from '../src/databases.ts'
import { isAlive } from '../src/processes.ts'
import { startDatabase } from '../src/start-database.ts'
import { aFolder, finallyIn, isRoot, killNode, query, startElsewhere, stopAfter } from './world.ts'

test('it starts below a closed folder with a space in its path, durable, on loopback only', async (t) => {
  const directory = await aFolder(t)
  const database = stopAfter(t, await startDatabase({ directory }))
  const settings = await query<{ name: string; setting: string }>(
    database.url,
    `select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'listen_addresses',
                     'unix_socket_directories', 'server_encoding', 'password_encryption')`,
  )
  assert.deepEqual(Object.fromEntries(settings.map(({ name, setting }) => [name, setting])), {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    server_encoding: 'UTF8',
    password_encryption: 'scram-sha-256',
  })
  assert.equal(((await stat(join(directory, 'cluster', 'password'))).mode & 0o777).toString(8), '600')
  const owner = await stat(join(directory, 'cluster', 'data'))
  assert.equal(owner.uid, isRoot ? 65_534 : process.getuid?.())
})

test('a wrong password is refused', async (t) => {
  const database = stopAfter(t, await startDatabase({ directory: await aFolder(t) }))
  const url = new URL(database.url)
  url.password = 'wrong'
  await assert.rejects(query(url.href, 'select 1'), { code: '28P01' })
})

test('no acknowledged row is lost when the server is killed, and it comes back on the same port', async (t) => {
  const directory = await aFolder(t)
  let ended = () => {}
  const exited = new Promise<void>((resolve) => {
    ended = resolve
  })
  // The watch over the server keeps no process alive, so the test has to.
  const alive = setInterval(() => {}, 1_000)
  finallyIn(t, () => clearInterval(alive))
  const first = await startDatabase({ directory, onExit: () => ended() })
  await query(first.url, 'create table seen (n int primary key)')
  const client = new pg.Client({ connectionString: first.url })
  client.on('error', () => {})
  await client.connect()
  let acknowledged = 0
  const writing = (async () => {
    for (;;) {
      await client.query('insert into seen values ($1)', [acknowledged + 1])
      acknowledged += 1
      if (acknowledged === 300) process.kill(first.pid, 'SIGKILL')
    }
  })()
  await assert.rejects(writing)
  await exited
  const second = stopAfter(t, await startDatabase({ directory, port: first.port }))
  assert.equal(second.adopted, false)
  assert.equal(second.url, first.url)
  const [row] = await query<{ top: number }>(second.url, 'select max(n)::int as top from seen')
  assert.ok(row && row.top >= acknowledged, `${row?.top} rows of ${acknowledged} acknowledged`)
})

test('a server left behind by a killed process is adopted', async (t) => {
  const directory = await aFolder(t)
  const { node, database } = await startElsewhere(directory)
  await query(database.url, 'create table kept (n int)')
  await killNode(node)
  assert.ok(isAlive(database.pid))
  const adopted = stopAfter(t, await startDatabase({ directory }))
  assert.deepEqual([adopted.adopted, adopted.pid, adopted.url], [true, database.pid, database.url])
  await query(adopted.url, 'insert into kept values (1)')
  await adopted.stop()
  assert.equal(isAlive(database.pid), false)
})

test('three starts at once make one cluster and one server', async (t) => {
  const directory = await aFolder(t)
  const all = await Promise.all([1, 2, 3].map(() => startElsewhere(directory)))
  finallyIn(t, () => Promise.all(all.map(({ node }) => killNode(node))))
  stopAfter(t, await startDatabase({ directory }))
  assert.equal(new Set(all.map(({ database }) => database.pid)).size, 1)
  assert.equal(all.filter(({ database }) => !database.adopted).length, 1)
  assert.deepEqual(
    (await readdir(directory)).filter((name) => name.startsWith('draft-')),
    [],
  )
})

test('an initialisation that was killed is cleared away and done again', async (t) => {
  const directory = await aFolder(t)
  const { pid: ended } = spawnSync(process.execPath, ['-e', ''])
  await mkdir(join(directory, `draft-${ended}-abc`, 'data'), { recursive: true })
  stopAfter(t, await startDatabase({ directory }))
  assert.deepEqual((await readdir(directory)).sort(), ['cluster', 'port', 'server.log'])
})

test('a lock file that names a stranger, or nobody, does not keep the server from starting', async (t) => {
  const directory = await aFolder(t)
  const first = await startDatabase({ directory })
  const lock = join(directory, 'cluster', 'data', 'postmaster.pid')
  const lines = (await readFile(lock, 'utf8')).split('\n')
  await first.stop()
  for (const content of [[1, ...lines.slice(1)].join('\n'), '']) {
    await writeFile(lock, content)
    const next = await startDatabase({ directory })
    assert.equal(next.adopted, false)
    await next.stop()
  }
})

test('the port is remembered; when somebody else has it another is taken, unless it was asked for', async (t) => {
  const directory = await aFolder(t)
  const first = await startDatabase({ directory })
  await first.stop()
  const second = await startDatabase({ directory })
  assert.equal(second.port, first.port)
  await second.stop()

  const squatter = createServer().listen(first.port, '127.0.0.1')
  await once(squatter, 'listening')
  finallyIn(t, () => squatter.close())
  const third = stopAfter(t, await startDatabase({ directory }))
  assert.notEqual(third.port, first.port)
  await third.stop()
  await assert.rejects(startDatabase({ directory, port: first.port }), /port \d+ is in use/)
})

test('a database is copied from a template and dropped while somebody uses it', async (t) => {
  const database = stopAfter(t, await startDatabase({ directory: await aFolder(t) }))
  const template = await createDatabase(database.url, 'the "template"')
  await query(template, 'create table from_template (n int)')
  const copy = await createDatabase(database.url, 'copy', { template: 'the "template"' })
  assert.deepEqual(await query(copy, 'select n from from_template'), [])
  const client = new pg.Client({ connectionString: copy })
  client.on('error', () => {})
  await client.connect()
  await dropDatabase(database.url, 'copy')
  await dropDatabase(database.url, 'copy')
  await assert.rejects(query(copy, 'select 1'), { code: '3D000' })
})
