import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { channelOptions, readConfig, signatureForms, workerCount } from './config.ts'
import { SETTINGS } from './settings.ts'

/** A throw-away key that is published with the test vectors. */
const signingKeyFile = fileURLToPath(
  new URL('../../../../vectors/keys/throw-away-b.private.pem', import.meta.url),
)
const key = Buffer.alloc(32, 7).toString('base64')
const env = {
  DATABASE_URL: 'postgres://gerbang:sesame-open@localhost/gerbang',
  GERBANG_SIGNING_KEY_FILE: signingKeyFile,
  GERBANG_CARD_KEYS: `k2:${key}, k1:${key}`,
  GERBANG_LOOKUP_KEY: key,
}

test('with the four settings that must be given, everything else has its default', () => {
  const config = readConfig(env)
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 4010)
  assert.equal(config.networkKey, undefined)
  assert.deepEqual(
    config.cardKeys.map(({ id }) => id),
    ['k2', 'k1'],
  )
  assert.equal(signatureForms(config), undefined)
  assert.ok(workerCount(config) >= 1 && workerCount(config) <= 4)
  assert.ok(Object.isFrozen(config))
})

test('an empty value is as good as none', () => {
  assert.equal(readConfig({ ...env, GERBANG_PORT: '' }).port, 4010)
  assert.throws(() => readConfig({ ...env, DATABASE_URL: '' }), /DATABASE_URL is missing/)
})

test('strict forms are the standard’s alone', () => {
  assert.deepEqual(signatureForms(readConfig({ ...env, GERBANG_SIGNATURE_FORMS: 'strict' })), ['minified'])
})

test('a live gateway opens kki alone, a demo all, and either what it is told to', () => {
  const openedBy = (more: object) => channelOptions(readConfig({ ...env, ...more })).opened
  assert.deepEqual(openedBy({}), ['kki'])
  assert.equal(openedBy({ GERBANG_MODE: 'demo' }), undefined)
  for (const GERBANG_MODE of ['live', 'demo'])
    assert.deepEqual(openedBy({ GERBANG_MODE, GERBANG_CHANNELS: 'cimb, ovo' }), ['cimb', 'ovo'])
})

test('a channel has the address that is set, query and all', () => {
  const GERBANG_CHANNEL_URLS = 'cimb=https://bank.example/api?v=1, ovo=http://10.0.0.1:8080'
  assert.deepEqual(channelOptions(readConfig({ ...env, GERBANG_CHANNEL_URLS })).urls, {
    cimb: 'https://bank.example/api?v=1',
    ovo: 'http://10.0.0.1:8080',
  })
})

test('a channel that there is not, and an address that is none, are faults', () => {
  assert.throws(
    () => readConfig({ ...env, GERBANG_CHANNELS: 'kki,cimp' }),
    /GERBANG_CHANNELS names no channel: cimp/,
  )
  for (const [urls, fault] of [
    ['cimp=http://x', /GERBANG_CHANNEL_URLS names no channel: cimp/],
    ['cimb=http://[', /GERBANG_CHANNEL_URLS has no URL for cimb/],
    ['http://x', /GERBANG_CHANNEL_URLS is not a list/],
  ] as const)
    assert.throws(() => readConfig({ ...env, GERBANG_CHANNEL_URLS: urls }), fault)
})

const BAD: Readonly<Record<string, string>> = {
  GERBANG_PORT: '65536',
  GERBANG_WORKERS: '-1',
  GERBANG_TOKEN_SECONDS: '15 minutes',
  GERBANG_LOG_LEVEL: 'loud',
  GERBANG_NETWORK_URL: 'ftp://somewhere',
  DATABASE_URL: 'mysql://somewhere',
  GERBANG_SIGNING_KEY_FILE: fileURLToPath(import.meta.url),
  GERBANG_CARD_KEYS: `k1:${key.slice(4)}`,
  GERBANG_LOOKUP_KEY: 'sesame-open',
}

test('all faults are told at once, each with its setting, and no secret is among them', () => {
  const fault = faultOf({ ...env, ...BAD })
  for (const name of Object.keys(BAD)) assert.ok(fault.includes(`\n  ${name} `), name)
  assert.equal(fault.split('\n').length, Object.keys(BAD).length + 1)
  for (const word of ['sesame-open', key.slice(4)]) assert.ok(!fault.includes(word))
})

for (const keys of ['', `${key}`, `k1:${key},`, `k1:${key},k1:${key}`, `k 1:${key}`, 'k1:', `k1:${key}=`])
  test(`the card keys ${keys.replaceAll(key, '<key>') || '(none)'} are refused without a word of them`, () => {
    const fault = faultOf({ ...env, GERBANG_CARD_KEYS: keys })
    assert.match(fault, /GERBANG_CARD_KEYS/)
    assert.ok(!fault.includes(key))
  })

test('a configuration does not print its secrets', () => {
  const print = inspect(readConfig(env), { depth: 9 }) + JSON.stringify(readConfig(env))
  for (const word of ['sesame-open', key]) assert.ok(!print.includes(word))
})

test('every default passes its own check, and every setting has a name of its own', () => {
  const names = Object.values(SETTINGS).map((setting) => setting.env)
  assert.equal(new Set(names).size, names.length)
  assert.doesNotThrow(() => readConfig(env))
})

function faultOf(environment: Record<string, string>): string {
  try {
    readConfig(environment)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}
