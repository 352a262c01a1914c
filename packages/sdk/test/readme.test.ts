import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signForTest } from '../src/index.ts'
import {
  answer,
  CLIENT_ID,
  CLIENT_SECRET,
  CUSTOMER_TOKEN,
  openStandIn,
  PAYMENT,
  PRIVATE_KEY,
  type Reply,
  STATUS,
} from './gateway-stand-in.ts'
import { KEYS, tokenRequest } from './notification-keys.ts'

const README = fileURLToPath(new URL('../../README.md', import.meta.url))
/** Inside the package, so that a program finds what is installed for it. */
const OUTPUT = fileURLToPath(new URL('../', import.meta.url))

const CARDS = '/direct-debit/core/v1'
const BANK_CARD_TOKEN = 'de52e5820f4c381db88a1cf91d57b73e'
const ANSWERS: Readonly<Record<string, Reply>> = {
  [PAYMENT]: answer('2025400', { referenceNo: 'REF-1' }),
  [CUSTOMER_TOKEN]: answer('2007400', { accessToken: 'eyJ.of.customer' }),
  [STATUS]: answer('2005500', { latestTransactionStatus: '00', refundHistory: [{ refundStatus: '00' }] }),
  [`${CARDS}/registration-card-bind`]: answer('2000100', { referenceNo: 'REF-1' }),
  [`${CARDS}/registration-account-binding`]: answer('2000700', {
    redirectUrl: 'https://pay.test/1',
    additionalInfo: { authCode: '2238' },
  }),
  [`${CARDS}/registration-account-unbinding`]: answer('2020500', { referenceNo: 'REF-4' }),
  [`${CARDS}/otp-verification`]: answer('2000400', { bankCardToken: BANK_CARD_TOKEN }),
  [`${CARDS}/registration-card-unbind`]: answer('2000500', { referenceNo: 'REF-2' }),
  [`${CARDS}/debit/refund`]: answer('2000700', { refundNo: 'REF-3' }),
}

async function blocks(): Promise<string[]> {
  const text = await readFile(README, 'utf8')
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, block]) => block ?? '')
}

/** A folder as `npm start` leaves it, with the program in it. */
async function prepare(t: TestContext, program: string): Promise<{ folder: string; paths: () => string[] }> {
  const gateway = await openStandIn(t)
  gateway.answerTo = (path) => ANSWERS[path] ?? answer('4050000')
  const folder = await mkdtemp(join(OUTPUT, 'readme-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, '.gerbang'))
  const demo = {
    baseUrl: gateway.baseUrl,
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    privateKeyFile: 'private.pem',
    publicKeyFile: 'public.pem',
    gatewayPublicKeyFile: 'gateway.pem',
  }
  await writeFile(join(folder, '.gerbang', 'demo-partner.json'), JSON.stringify(demo))
  await writeFile(join(folder, '.gerbang', 'private.pem'), PRIVATE_KEY)
  await writeFile(join(folder, '.gerbang', 'gateway.pem'), KEYS.gatewayPublicKey)
  await writeFile(join(folder, 'program.mjs'), program)
  return { folder, paths: () => gateway.seen.map(({ path }) => path) }
}

interface Running {
  readonly child: ChildProcess
  /** All that it has printed, when it has ended. */
  readonly output: Promise<string>
}

/** Each line of `input` answers one question: what is typed ahead of a question is lost. */
function start(
  t: TestContext,
  folder: string,
  { input = [], port = 0 }: { readonly input?: readonly string[]; readonly port?: number },
): Running {
  const env = { ...process.env, PORT: String(port) }
  const child = spawn(process.execPath, ['program.mjs'], { cwd: folder, env })
  t.after(() => child.kill())
  let text = ''
  const lines = [...input]
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk
      const line = text.endsWith(' ') ? lines.shift() : undefined
      if (line !== undefined) child.stdin.write(`${line}\n`)
    })
  return { child, output: new Promise((resolve) => child.once('close', () => resolve(text))) }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<Response> {
  for (let tries = 0; ; tries++) {
    try {
      return await fetch(url, { method: 'POST', headers, body })
    } catch (error) {
      if (tries > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const PRINTED: readonly (readonly [printed: RegExp, paths: readonly string[]])[] = [
  [/^paid moved$/m, [PAYMENT, STATUS]],
  [
    /bound$/m,
    [
      `${CARDS}/registration-card-bind`,
      `${CARDS}/otp-verification`,
      PAYMENT,
      `${CARDS}/registration-card-unbind`,
    ],
  ],
  [/ press Enter pending undefined$/m, [`${CARDS}/registration-account-binding`, CUSTOMER_TOKEN, PAYMENT]],
  [
    /paid refunded 4000\.00\n.*unbound$/m,
    [
      `${CARDS}/registration-account-binding`,
      CUSTOMER_TOKEN,
      PAYMENT,
      `${CARDS}/otp-verification`,
      `${CARDS}/debit/refund`,
      `${CARDS}/registration-account-unbinding`,
      `${CARDS}/otp-verification`,
    ],
  ],
  [/^refunded \[/m, [PAYMENT, STATUS, `${CARDS}/debit/refund`, STATUS]],
]

for (const [index, [printed, paths]] of PRINTED.entries()) {
  test(`program ${index + 1} of the README does what it says`, async (t) => {
    const { folder, paths: asked } = await prepare(t, (await blocks())[index] ?? '')
    const output = await start(t, folder, { input: ['123456', '111000', '111000'] }).output
    assert.match(output, printed)
    assert.deepEqual(asked(), paths)
    assert.ok(!output.includes(BANK_CARD_TOKEN))
  })
}

test("the README's whole way of an account is the example that lies beside it", async () => {
  const example = await readFile(join(README, '../examples/account.mjs'), 'utf8')
  assert.ok((await blocks()).includes(example))
})

for (const [index, name] of ['Express', 'Fastify', 'Hono'].entries()) {
  test(`the README's shop with ${name} gives a token and receives a notification`, async (t) => {
    const block = (await blocks())[PRINTED.length + index] ?? ''
    assert.match(block, new RegExp(name, 'i'))
    const { folder } = await prepare(t, block)
    const port = await freePort()
    const { child, output } = start(t, folder, { port })
    const shop = `http://localhost:${port}`
    assert.equal((await post(`${shop}/snap/token`, tokenRequest(), '{}')).status, 200)
    const { headers, rawBody } = signForTest(KEYS, { url: '/snap/notify' })
    assert.equal((await post(`${shop}/snap/notify`, headers, rawBody.toString())).status, 200)
    child.kill()
    assert.equal(await output, 'INV-1 paid\n')
  })
}

test("the README's own test of a notification passes, and no program is left over", async (t) => {
  const all = await blocks()
  assert.equal(all.length, PRINTED.length + 4)
  const { folder } = await prepare(t, all.at(-1) ?? '')
  assert.equal(await start(t, folder, {}).output, 'paid\n')
})
