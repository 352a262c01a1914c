import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { verifySymmetric } from '@gerbang/snap/signature'
import { emptyFolder, runGerbang } from './run-gerbang.ts'

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

/** A folder with `.gerbang/demo-partner.json` and a gateway that checks signatures and gives one answer. */
async function openShop(t: TestContext, reply: { status: number; body: object }): Promise<Shop> {
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
  assert.match(out, /Next: gerbang status INV-2/)
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

test('a gateway that is not there ends with 3 and names the next command', async (t) => {
  const cwd = await emptyFolder(t)
  await writePartner(cwd, 'http://127.0.0.1:9')
  const { code, err } = await runGerbang(PAY, { cwd })
  assert.equal(code, 3)
  assert.match(err, /http:\/\/127\.0\.0\.1:9: No answer/)
  assert.match(err, /Next: gerbang start/)
})

test('credentials may come from the environment or from another file', async (t) => {
  const shop = await openShop(t, snap('2005400', 'Successful'))
  const wrong = { GERBANG_CLIENT_SECRET: 'SK-other' }
  assert.equal((await runGerbang(PAY, { ...shop, env: wrong })).code, 4)
  const file = join(shop.cwd, '.gerbang', 'demo-partner.json')
  assert.equal((await runGerbang([...PAY, '--credentials', file], { ...shop, env: wrong })).code, 0)
})
