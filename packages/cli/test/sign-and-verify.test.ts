import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { explainSignature } from '../src/signature/mistakes.ts'
import { emptyFolder, runGerbang, VECTORS } from './run-gerbang.ts'

interface Symmetric {
  readonly name: string
  readonly method: string
  readonly target: string
  readonly secret: string
  readonly accessToken: string
  readonly timestamp: string
  readonly signedBody: string
  readonly stringToSign: string
  readonly signature: string
}

interface Wrong extends Omit<Symmetric, 'signedBody' | 'stringToSign' | 'signature' | 'name'> {
  readonly sentBody: string
  readonly mistakes: readonly { name: string; signature: string }[]
}

const symmetric = read<Symmetric[]>('symmetric.json')
const wrong = read<Wrong>('mistakes.json')
const asymmetric = read<{ name: string; key: string; text: string; signature: string }[]>('asymmetric.json')

const IDS = [
  'raw-pretty-body',
  'strip-all-whitespace',
  'php-escaped',
  'sorted-keys',
  'python-separators',
  'unicode-escaped',
  'empty-body-hash',
  'full-url',
  'path-without-prefix',
  'trailing-slash',
  'bearer-in-string',
  'timestamp-utc',
  'timestamp-millis',
  'method-lowercase',
  'upper-hex-hash',
  'no-token',
  'hmac-sha256',
  'hex-signature',
  'base64-of-hex',
  'pipe-separator',
  'secret-trailing-newline',
  'base64-body-hash',
]

function read<Content>(name: string): Content {
  return JSON.parse(readFileSync(join(VECTORS, name), 'utf8')) as Content
}

function argumentsOf(
  made: Omit<Symmetric, 'secret' | 'name' | 'signedBody' | 'stringToSign' | 'signature'>,
  body: string,
) {
  const { method, target, accessToken, timestamp } = made
  return [
    '--method',
    method,
    '--path',
    target,
    '--token',
    accessToken,
    '--timestamp',
    timestamp,
    '--body',
    body,
  ]
}

test('sign makes the signatures that other software made, and verify accepts them', async (t) => {
  const cwd = await emptyFolder(t)
  assert.ok(symmetric.length >= 7)
  for (const vector of symmetric.filter(({ name }) => name === 'K1' || name === 'S2')) {
    const env = { GERBANG_CLIENT_SECRET: vector.secret, GERBANG_CLIENT_ID: 'MCH-1' }
    const shared = argumentsOf(vector, vector.signedBody)
    const signed = await runGerbang(['sign', ...shared, '--json'], { cwd, env })
    const { headers, stringToSign } = JSON.parse(signed.out)
    assert.equal(stringToSign, vector.stringToSign)
    assert.equal(headers['X-SIGNATURE'], vector.signature, vector.name)
    assert.match(headers['X-EXTERNAL-ID'], /^\d{36}$/)

    const verified = await runGerbang(['verify', ...shared, '--signature', vector.signature], { cwd, env })
    assert.match(verified.out, /^The signature is right\. It was made over the minified body/)
    assert.equal(verified.code, 0)
  }
})

test('openssl agrees with the printed string to sign and signature, and the secret is not printed', async (t) => {
  const cwd = await emptyFolder(t)
  const secret = 'SK-never-shown'
  await writeFile(join(cwd, 'body.json'), '{ "a" : "b c" }\n')
  const printed = await runGerbang(
    ['sign', '--path', '/x/y?z=1', '--token', 'tok', '--body', '@body.json', '--explain'],
    { cwd, env: { GERBANG_CLIENT_SECRET: secret } },
  )
  assert.equal(printed.code, 0, printed.err)
  assert.ok(!printed.out.includes(secret))
  const stringToSign = /^String to sign: (.*)$/m.exec(printed.out)?.[1] ?? ''
  const openssl = spawnSync('openssl', ['dgst', '-sha512', '-hmac', secret, '-binary'], {
    input: stringToSign,
  })
  if (openssl.error) return t.diagnostic('openssl is not installed; compared with the vectors only')
  assert.match(printed.out, new RegExp(`^X-SIGNATURE: ${escaped(openssl.stdout.toString('base64'))}$`, 'm'))
  const hash = spawnSync('openssl', ['dgst', '-sha256', '-r'], { input: '{"a":"b c"}' })
    .stdout.toString()
    .slice(0, 64)
  assert.ok(stringToSign.startsWith(`POST:/x/y?z=1:tok:${hash}:`))
})

function escaped(text: string): string {
  return text.replace(/[+/=]/g, '\\$&')
}

test('token requests are signed with the private key as openssl signs them, and verify checks them', async (t) => {
  const cwd = await emptyFolder(t)
  const vector = asymmetric.find(({ name }) => name === 'A2')
  assert.ok(vector)
  const [clientId = '', timestamp = ''] = vector.text.split('|')
  const env = { GERBANG_PRIVATE_KEY_FILE: join(VECTORS, 'keys', `${vector.key}.private.pem`) }
  const shared = ['--type', 'token', '--client-id', clientId, '--timestamp', timestamp]
  const signed = await runGerbang(['sign', ...shared, '--json'], { cwd, env })
  assert.equal(JSON.parse(signed.out).headers['X-SIGNATURE'], vector.signature)

  const publicKey = join(VECTORS, 'keys', `${vector.key}.public.pem`)
  const check = ['verify', ...shared, '--public-key', publicKey, '--signature']
  assert.equal((await runGerbang([...check, vector.signature], { cwd })).code, 0)
  const hex = Buffer.from(vector.signature, 'base64').toString('hex')
  const refused = await runGerbang([...check, hex], { cwd })
  assert.equal(refused.code, 1)
  assert.match(refused.out, /hex-signature/)
})

test('each of the 22 known mistakes is named', async (t) => {
  const cwd = await emptyFolder(t)
  const env = { GERBANG_CLIENT_SECRET: wrong.secret }
  const shared = ['verify', ...argumentsOf(wrong, wrong.sentBody), '--strict', '--json', '--signature']
  assert.equal(wrong.mistakes.length, IDS.length)
  for (const [index, { name, signature }] of wrong.mistakes.entries()) {
    const { code, out } = await runGerbang([...shared, signature], { cwd, env })
    assert.equal(code, 1, name)
    assert.deepEqual(
      JSON.parse(out).mistakes.map(({ id }: { id: string }) => id),
      [IDS[index]],
      name,
    )
  }
})

test('two mistakes made together are both named', () => {
  const request = { ...wrong, body: Buffer.from(wrong.sentBody) }
  const twice = { ...request, method: 'POST', target: `${request.target}/` }
  const bearer = wrong.mistakes.find(({ name }) => name === 'M11')?.signature ?? ''
  assert.deepEqual(
    explainSignature(twice, bearer).map(({ id }) => id),
    ['trailing-slash', 'bearer-in-string'],
  )
})

test('verify ends with 1 and says what to do; a tolerated body is a mistake only under --strict', async (t) => {
  const cwd = await emptyFolder(t)
  await writeFile(join(cwd, 'body.json'), wrong.sentBody)
  const env = { GERBANG_CLIENT_SECRET: wrong.secret }
  const check = async (name: string, ...more: string[]) => {
    const signature = wrong.mistakes.find((mistake) => mistake.name === name)?.signature ?? ''
    return runGerbang(['verify', ...argumentsOf(wrong, '@body.json'), '--signature', signature, ...more], {
      cwd,
      env,
    })
  }
  const hex = await check('M18')
  assert.equal(hex.code, 1)
  assert.match(hex.out, /hex-signature: .*Send them in base64/)
  assert.ok(!hex.out.includes(wrong.secret))
  const tolerated = await check('M01')
  assert.equal(tolerated.code, 0)
  assert.match(tolerated.out, /the bytes as sent/)
  const strict = await check('M01', '--strict', '--json')
  assert.equal(strict.code, 1)
  assert.equal(JSON.parse(strict.out).mistakes[0].id, 'raw-pretty-body')
})

test('the printed curl command carries the very headers and leaves the body file alone', async (t) => {
  const cwd = await emptyFolder(t)
  await writeFile(join(cwd, "it's.json"), '{}')
  const { out, code } = await runGerbang(
    ['sign', '--path', '/p', '--token', 'tok', '--body', "@it's.json", '--curl', '--client-id', 'C1'],
    { cwd, env: { GERBANG_CLIENT_SECRET: 's', GERBANG_BASE_URL: 'http://127.0.0.1:9' } },
  )
  assert.equal(code, 0)
  assert.match(out, /^curl -sS -X 'POST' 'http:\/\/127\.0\.0\.1:9\/p' \\\n/)
  assert.match(out, /-H 'X-PARTNER-ID: C1'/)
  assert.ok(out.includes(`--data-binary '@it'\\''s.json'`))
})

test('the curl command for a token needs no body to be typed, and takes another when one is given', async (t) => {
  const cwd = await emptyFolder(t)
  const env = { GERBANG_PRIVATE_KEY_FILE: join(VECTORS, 'keys', 'throw-away-a.private.pem') }
  const shared = ['sign', '--type', 'token', '--client-id', 'C1', '--curl']
  const usual = await runGerbang(shared, { cwd, env })
  assert.ok(usual.out.endsWith(`--data-binary '{"grantType":"client_credentials"}'\n`), usual.out)
  const other = await runGerbang([...shared, '--body', '{"grantType":"CLIENT_CREDENTIALS"}'], { cwd, env })
  assert.ok(other.out.endsWith(`--data-binary '{"grantType":"CLIENT_CREDENTIALS"}'\n`), other.out)
})
