import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { answer, CLIENT_ID, CLIENT_SECRET, ORDER, openStandIn, PRIVATE_KEY } from './gateway-stand-in.ts'

const run = promisify(execFile)
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url))
const TSC = fileURLToPath(new URL('../../../../node_modules/typescript/bin/tsc', import.meta.url))
const TYPES = fileURLToPath(new URL('../../../../node_modules/@types', import.meta.url))

let project = ''

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'gerbang-sdk-'))
  const packed = await run('npm', ['pack', '--json', '--pack-destination', project], { cwd: PACKAGE })
  const tarball = /gerbang-sdk-[\d.]+\.tgz/.exec(packed.stdout)?.[0] ?? ''
  await writeFile(join(project, 'package.json'), '{"name":"shop","private":true}')
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${tarball}`], { cwd: project })
})

after(() => rm(project, { recursive: true, force: true }))

async function payWith(t: Parameters<typeof openStandIn>[0], file: string, load: string): Promise<unknown> {
  const gateway = await openStandIn(t)
  gateway.answers = [answer('2005400', { referenceNo: 'REF-1' })]
  const options = {
    baseUrl: gateway.baseUrl,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    privateKey: PRIVATE_KEY,
  }
  const script = `${load}
const client = new SnapClient(${JSON.stringify(options)})
client.pay(${JSON.stringify(ORDER)}).then((payment) => console.log(JSON.stringify(payment)))`
  await writeFile(join(project, file), script)
  const { stdout } = await run(process.execPath, [file], { cwd: project })
  assert.deepEqual(gateway.faults, [])
  return JSON.parse(stdout)
}

test('the packed client brings nothing along and leaves the workspace as it was', async () => {
  const installed = join(project, 'node_modules', '@gerbang', 'sdk')
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
  assert.equal(manifest.dependencies, undefined)
  const code = await readFile(join(installed, 'dist', 'package', 'esm', 'index.js'), 'utf8')
  assert.deepEqual(
    [...new Set(code.match(/(?<=from ")[^"]+/g))].filter((name) => !name.startsWith('node:')),
    [],
  )
  assert.ok(!/typebox/i.test(code))
  const workspace = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8'))
  assert.equal(workspace.exports['.'].default, './dist/src/index.js')
})

test('the packed client pays from an ES module', async (t) => {
  const payment = await payWith(t, 'shop.mjs', "import { SnapClient } from '@gerbang/sdk'")
  assert.equal((payment as { referenceNo: string }).referenceNo, 'REF-1')
})

test('the packed client pays from a CommonJS module', async (t) => {
  const payment = await payWith(t, 'shop.cjs', "const { SnapClient } = require('@gerbang/sdk')")
  assert.equal((payment as { referenceNo: string }).referenceNo, 'REF-1')
})

test('the packed types are whole and strict for both kinds of module', async () => {
  const program = `import { SnapClient, RefusedError, type Payment } from '@gerbang/sdk'
export async function pay(client: SnapClient): Promise<Payment> {
  try {
    return await client.pay({ partnerReferenceNo: '1', amount: 100n, chargeToken: '9', otp: '1' })
  } catch (error) {
    if (error instanceof RefusedError && error.outcome === 'insufficientFunds' && error.money === 'not-moved') throw error
    throw new Error('other')
  }
}
`
  for (const file of ['types.mts', 'types.cts']) await writeFile(join(project, file), program)
  const settings = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--types',
    'node',
    '--typeRoots',
    TYPES,
  ]
  await run(process.execPath, [TSC, ...settings, 'types.mts', 'types.cts'], { cwd: project })
})
