import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { takeLauncherLock } from '../../src/start/launcher-lock.ts'
import { prepareDemoPartner, prepareGateway, writeDemoPartner } from '../../src/start/state.ts'

async function aHome(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'gerbang home '))
  t.after(() => rm(home, { recursive: true, force: true }))
  return home
}

async function prepare(home: string) {
  const settings = await prepareGateway(home)
  const partner = { ...(await prepareDemoPartner(home)), baseUrl: 'http://127.0.0.1:4010' }
  await writeDemoPartner(home, partner)
  return { settings, partner }
}

test('what exists is kept, and read by nobody else', async (t) => {
  const home = await aHome(t)
  const first = await prepare(home)
  await chmod(join(home, 'gateway.env'), 0o644)
  assert.deepEqual(await prepare(home), first)
  assert.equal((await stat(join(home, 'gateway.env'))).mode & 0o077, 0)
  assert.equal(await readFile(join(home, '.gitignore'), 'utf8'), '*\n')
  assert.deepEqual(
    (await readdir(home)).filter((name) => /\.[0-9a-f]{8}$/.test(name)),
    [],
  )
})

test('a setting that somebody added to gateway.env stays', async (t) => {
  const home = await aHome(t)
  await prepare(home)
  const file = join(home, 'gateway.env')
  await writeFile(file, `${await readFile(file, 'utf8')}GERBANG_LOG_LEVEL=debug\n`)
  await prepare(home)
  assert.match(await readFile(file, 'utf8'), /^GERBANG_LOG_LEVEL=debug$/m)
})

test('a folder that was made before there were demos becomes one, with its keys', async (t) => {
  const home = await aHome(t)
  const { settings } = await prepare(home)
  const file = join(home, 'gateway.env')
  const older = (await readFile(file, 'utf8')).replaceAll(/^GERBANG_(MODE|CLOCK_FILE)=.*\n/gm, '')
  await writeFile(file, older)
  assert.deepEqual((await prepare(home)).settings, settings)
  const text = await readFile(file, 'utf8')
  assert.match(text, /^GERBANG_MODE=demo$/m)
  assert.ok(text.includes(`\nGERBANG_CLOCK_FILE=${join(home, 'clock.json')}\n`))
})

test('a folder of a live gateway does not become a demo', async (t) => {
  const home = await aHome(t)
  await prepare(home)
  const file = join(home, 'gateway.env')
  const live = (await readFile(file, 'utf8')).replace('GERBANG_MODE=demo', 'GERBANG_MODE=live')
  await writeFile(file, live)
  await assert.rejects(prepareGateway(home), /GERBANG_MODE=live/)
  assert.equal(await readFile(file, 'utf8'), live)
})

test('whichever file is missing or cut off, the next start makes a working whole', async (t) => {
  const home = await aHome(t)
  await prepare(home)
  const names = (await readdir(home)).filter((name) => name !== '.gitignore')
  for (const name of names) {
    for (const damage of [(path: string) => rm(path), (path: string) => truncate(path, 20)]) {
      await damage(join(home, name))
      const { partner, settings } = await prepare(home)
      for (const who of ['gateway', 'demo-partner']) {
        const pair = await Promise.all(
          ['private', 'public'].map((half) => readFile(join(home, `${who}-${half}.pem`), 'utf8')),
        )
        const derived = createPublicKey(createPrivateKey(pair[0] ?? '')).export({
          type: 'spki',
          format: 'pem',
        })
        assert.equal(derived, pair[1], `${name} of ${who}`)
      }
      assert.match(settings.GERBANG_CARD_KEYS ?? '', /^k1:[A-Za-z0-9+/]{43}=$/)
      assert.match(partner.clientSecret, /^SK-[A-Za-z0-9]{20}$/)
    }
  }
})

test('a partner whose secret no key can open any more is replaced', async (t) => {
  const home = await aHome(t)
  const { partner } = await prepare(home)
  await rm(join(home, 'gateway.env'))
  assert.notEqual((await prepare(home)).partner.clientSecret, partner.clientSecret)
})

test('the lock is refused while its holder lives and taken over when it is dead', async (t) => {
  const home = await aHome(t)
  const release = await takeLauncherLock(home)
  await assert.rejects(takeLauncherLock(home), /already runs/)
  await release()
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  for (const holder of [pid, process.pid]) {
    await writeFile(join(home, `launcher-${holder}-0123456789ab-0123456789ab.lock`), '')
    await (await takeLauncherLock(home))()
  }
  assert.deepEqual(await readdir(home), [])
})

test('of many that take the lock at once, never two get it', async (t) => {
  const home = await aHome(t)
  for (let round = 0; round < 20; round++) {
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => takeLauncherLock(home)))
    const taken = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    assert.ok(taken.length <= 1, `${taken.length} have it`)
    for (const release of taken) await release()
  }
  await (await takeLauncherLock(home))()
})
