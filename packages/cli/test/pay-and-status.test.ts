import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { verifySymmetric } from '@gerbang/snap/signature'
import { closedPort, emptyFolder, runGerbang } from './run-gerbang.ts'

const SECRET = 'SK-cli-test-secret'
const { publicKey: _, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})

interface Shop {
  readonly cwd: string
  readonly bodies: Record<string, unknown>[]
}

interface Reply {
  readonly status: number
  readonly body: object
  /** How long the gateway thinks about it. */
  readonly delayMs?: number
}

/** A folder with `.gerbang/demo-partner.json` and a gateway that checks signatures and gives one answer. */
async function openShop(t: TestContext, reply: Reply): Promise<Shop> {
  const bodies: Record<string, unknown>[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const isToken = request.url?.endsWith('/access-token/b2b')
    const token = {
      responseCode: '2007300',
      responseMessage: 'Successful',
      accessToken: 'tok',
      expiresIn: 900,
    }
    if (!isToken) bodies.push(JSON.parse(body.toString()))
    const isSigned =
      isToken ||
      verifySymmetric({
        secret: SECRET,
        method: 'POST',
        target: request.url ?? '',
        accessToken: 'tok',
        body,
        timestamp: String(request.headers['x-timestamp']),
        signature: String(request.headers['x-signature']),
      })
    const refused = { responseCode: '4015400', responseMessage: 'Unauthorized. Invalid Signature' }
    if (!isToken && reply.delayMs !== undefined) await sleep(reply.delayMs)
    response.writeHead(isToken ? 200 : isSigned ? reply.status : 401)
    response.end(JSON.stringify(isToken ? token : isSigned ? reply.body : refused))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  const cwd = await emptyFolder(t)
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await writePartner(cwd, baseUrl)
  return { cwd, bodies }
}

async function writePartner(cwd: string, baseUrl: string): Promise<void> {
  await mkdir(join(cwd, '.gerbang'))
  const partner = { baseUrl, clientId: 'BRN-1', clientSecret: SECRET, privateKeyFile: 'demo.pem' }
  await writeFile(join(cwd, '.gerbang', 'demo-partner.json'), JSON.stringify(partner))
  await writeFile(join(cwd, '.gerbang', 'demo.pem'), privateKey)
}

const PAY = ['pay', '--cpan', '9360000200000200001', '--ott', '12345678', '--amount', '150000']

function snap(responseCode: string, responseMessage: string, more: object = {}) {
  return { status: Number(responseCode.slice(0, 3)), body: { responseCode, responseMessage, ...more } }
}

test('pay pays with the demo partner and prints plain lines', async (t) => {
  const shop = await openShop(t, snap('2005400', 'Successful', { referenceNo: 'REF-1' }))
  const { code, out, err } = await runGerbang([...PAY, '--reference', 'INV-1'], shop)
  assert.equal(code, 0, err)
  assert.match(out, /^Paid\. The money moved\.\n/)
  assert.match(out, /referenceNo +REF-1\n/)
  assert.ok(!out.includes('\u001b'), 'no colour where no person looks')
  assert.ok(!(out + err).includes('9360000200000200001') && !(out + err).includes(SECRET))
  assert.deepEqual(shop.bodies[0]?.amount, { value: '150000.00', currency: 'IDR' })
})

test('a pending payment ends with 0 and names the next command', async (t) => {
  const shop = await openShop(t, snap('2025400', 'Request In Progress'))
  const { code, out } = await runGerbang([...PAY, '--reference', 'INV-2'], shop)
  assert.equal(code, 0)
  assert.match(out, /^Pending\./)
  assert.match(out, /Next: npx gerbang status INV-2/)
  const json = await runGerbang([...PAY, '--json'], shop)
  assert.equal(JSON.parse(json.out).money, 'unknown')
})

test('a refusal ends with 4 and says why and what to do, in words and in JSON', async (t) => {
  const shop = await openShop(t, snap('4035414', 'Insufficient Funds'))
  const plain = await runGerbang(PAY, shop)
  assert.equal(plain.code, 4)
  assert.match(plain.err, /4035414 Insufficient Funds\. .*limit/)
  const json = await runGerbang([...PAY, '--json'], shop)
  assert.equal(json.code, 4)
  const { error } = JSON.parse(json.out)
  assert.deepEqual([error.outcome, error.money], ['insufficientFunds', 'not-moved'])
})

test('a payment that failed is told with the numbers by which one can ask about it', async (t) => {
  const shop = await openShop(t, snap('4035414', 'Insufficient Funds'))
  const plain = await runGerbang(PAY, shop)
  const [, made = ''] = /^ {2}partnerReferenceNo {2}(CLI-\d{13}-[0-9a-f]{8})$/m.exec(plain.err) ?? []
  assert.equal(shop.bodies[0]?.partnerReferenceNo, made, plain.err)
  assert.match(plain.err, /^ {2}externalId {10}\d{36}$/m)
  assert.ok(!plain.err.includes('Next:'), 'the money did not move: there is nothing to ask')
  const json = await runGerbang([...PAY, '--json'], shop)
  assert.match(JSON.parse(json.out).error.partnerReferenceNo, /^CLI-/)

  const broken = await openShop(t, { status: 502, body: {} })
  const silent = await runGerbang([...PAY, '--reference', "it's mine"], broken)
  assert.equal(silent.code, 3)
  assert.match(silent.err, /^No answer from .*: do not pay again\.$/m)
  assert.match(silent.err, /^Next: npx gerbang status 'it'\\''s mine'$/m)
})

test('who waits long is told how to ask later', async (t) => {
  const shop = await openShop(t, { ...snap('2005400', 'Successful'), delayMs: 2_500 })
  const { code, err } = await runGerbang([...PAY, '--reference', 'INV-3'], shop)
  assert.equal(code, 0)
  assert.equal(err, 'Waiting for the network. If you stop now, ask later: npx gerbang status INV-3\n')
})

test('status tells what became of a payment, by any of its numbers', async (t) => {
  const reply = snap('2005500', 'Successful', {
    latestTransactionStatus: '00',
    transactionStatusDesc: 'Success',
  })
  const shop = await openShop(t, reply)
  const plain = await runGerbang(['status', 'INV-1'], shop)
  assert.equal(plain.code, 0, plain.err)
  assert.match(plain.out, /^paid \(money: moved\)/)
  await runGerbang(['status', '--reference-no', 'REF-1'], shop)
  await runGerbang(['status', '--external-id', 'EXT-1', '--json'], shop)
  assert.deepEqual(
    shop.bodies.map(({ serviceCode: _, ...numbers }) => numbers),
    [
      { originalPartnerReferenceNo: 'INV-1' },
      { originalReferenceNo: 'REF-1' },
      { originalExternalId: 'EXT-1' },
    ],
  )
})

test('a question without a number, or about an unknown one, says what to type', async (t) => {
  const shop = await openShop(t, snap('4045501', 'Transaction Not Found'))
  const bare = await runGerbang(['status'], shop)
  assert.equal(bare.code, 2)
  assert.match(bare.err, /^Which payment\?.*\nNext: npx gerbang status <partnerReferenceNo>,/)
  assert.deepEqual(shop.bodies, [], 'nothing was sent')
  const unknown = await runGerbang(['status', 'INV-9'], shop)
  assert.equal(unknown.code, 4)
  assert.match(unknown.err, /^4045501 Transaction Not Found\. The gateway knows no such payment\./)
  assert.match(unknown.err, /^Next: check the number .* npx gerbang status INV-9$/m)
})

test('a question that a busy gateway refuses may be asked again, a wrong one may not', async (t) => {
  const busy = await openShop(t, snap('5005500', 'General Error'))
  const again = await runGerbang(['status', '--external-id', 'EXT-1', '--credentials', demoOf(busy)], busy)
  assert.equal(again.code, 4)
  assert.ok(
    again.err.endsWith(`Next: npx gerbang status --external-id EXT-1 --credentials ${demoOf(busy)}\n`),
  )
  const strict = await openShop(t, snap('4005502', 'Invalid Mandatory Field'))
  assert.ok(!(await runGerbang(['status', 'INV-1'], strict)).err.includes('Next:'))
})

function demoOf({ cwd }: Shop): string {
  return join(cwd, '.gerbang', 'demo-partner.json')
}

test('a gateway that is not there ends with 3, says so once, and names the next command', async (t) => {
  const cwd = await emptyFolder(t)
  const port = await closedPort()
  await writePartner(cwd, `http://127.0.0.1:${port}`)
  const paying = await runGerbang([...PAY, '--reference', 'INV-4'], { cwd })
  assert.equal(paying.code, 3)
  assert.deepEqual(paying.err.split('\n'), [
    `No answer from http://127.0.0.1:${port} (nothing listens there). The payment was not sent.`,
    '  partnerReferenceNo  INV-4',
    paying.err.split('\n')[2],
    'Next: npx gerbang start (in another terminal), then pay again',
    '',
  ])
  const asking = await runGerbang(['status', 'INV-4'], { cwd })
  assert.equal(asking.code, 3)
  assert.equal(
    asking.err,
    [
      `No answer from http://127.0.0.1:${port} (nothing listens there).`,
      '  partnerReferenceNo  INV-4',
      'Next: npx gerbang start (in another terminal), then npx gerbang status INV-4',
      '',
    ].join('\n'),
  )
  const elsewhere = await runGerbang(['status', 'INV-4'], {
    cwd,
    env: { GERBANG_BASE_URL: `http://0.0.0.0:${port}` },
  })
  assert.match(elsewhere.err, /^Next: check the base URL/m)
})

test('credentials may come from the environment or from another file', async (t) => {
  const shop = await openShop(t, snap('2005400', 'Successful'))
  const wrong = { GERBANG_CLIENT_SECRET: 'SK-other' }
  assert.equal((await runGerbang(PAY, { ...shop, env: wrong })).code, 4)
  assert.equal((await runGerbang([...PAY, '--credentials', demoOf(shop)], { ...shop, env: wrong })).code, 0)
})
