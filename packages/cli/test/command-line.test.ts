import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { gatewayEnvironment, readCliConfig } from '../src/config.ts'
import { emptyFolder, runGerbang } from './run-gerbang.ts'

test('a command that is called wrongly ends with 2 and says what is missing', async (t) => {
  const cwd = await emptyFolder(t)
  const PAY = ['pay', '--cpan', '9360000200000200001', '--ott', '12345678', '--amount']
  const wrong: [string[], RegExp][] = [
    [['nonsense'], /unknown command/],
    [['pay'], /--amount .*\n.*Next: npx gerbang pay --help/s],
    [['bind'], /--cpan .*\n.*Next: npx gerbang bind --help/s],
    [['partner', 'create'], /--name .*Next: npx gerbang partner create --help/s],
    [[...PAY, '1.5'], /--amount must be/],
    [[...PAY, '1'], /No complete credentials: .*GERBANG_CLIENT_SECRET.*\nNext: npx gerbang start/s],
    [['status', 'X', '--credentials', 'none.json'], /Cannot read .*none\.json: ENOENT/],
    [['sign', '--token', 't', '--path', 'no-slash'], /--path must/],
    [['sign', '--path', '/x'], /--token is needed/],
    [['sign', '--path', '/x', '--token', 't'], /No client secret\.\nNext: /],
    [['sign', '--path', '/x', '--token', 't', '--body', '@none'], /Cannot read the body/],
    [['verify', '--path', '/x', '--token', 't', '--signature', 's'], /--timestamp is needed/],
    [['partner', 'create', '--name', 'x', '--profile', 'other'], /--profile must be/],
  ]
  for (const [args, words] of wrong) {
    const { code, err } = await runGerbang(args, { cwd })
    assert.equal(code, 2, args.join(' '))
    assert.match(err, words)
  }
})

test('a faulty environment is told at once and whole', async (t) => {
  const cwd = await emptyFolder(t)
  const env = { GERBANG_PORT: 'x', SIMULATOR_PORT: '70000' }
  const { code, err } = await runGerbang(['magic'], { cwd, env })
  assert.equal(code, 2)
  assert.match(err, /GERBANG_PORT must be .*\n.*SIMULATOR_PORT must be/)
})

test('help and version are no mistakes', async (t) => {
  const cwd = await emptyFolder(t)
  const help = await runGerbang(['--help'], { cwd })
  assert.equal(help.code, 0)
  for (const name of [
    'start',
    'serve',
    'simulate',
    'migrate',
    'pay',
    'status',
    'refund',
    'bind',
    'otp',
    'unbind',
    'token',
    'trigger',
    'listen',
    'notifications',
    'resend',
    'inbox',
    'sign',
    'verify',
    'clock',
    'partner',
    'vault',
    'magic',
  ]) {
    assert.match(help.out, new RegExp(`^  ${name}\\b`, 'm'))
  }
  assert.equal((await runGerbang(['--version'], { cwd })).code, 0)
})

test('magic lists all 63 cases and what one-time tokens do', async (t) => {
  const cwd = await emptyFolder(t)
  const { out } = await runGerbang(['magic', '--json'], { cwd })
  const { cases, oneTimeTokens, oneTimePasswords } = JSON.parse(out)
  assert.equal(cases.length, 63)
  assert.ok(oneTimeTokens.length > 10)
  assert.ok(oneTimePasswords.length > 8)
  const plain = await runGerbang(['magic'], { cwd })
  assert.match(
    plain.out,
    /^40314 {2}99940314 {2}940314\.00 .* 940314 {2}6280000040314 .* Insufficient Funds$/m,
  )
  assert.match(plain.out, /^222001 .*expired/m)
})

test('the gateway’s settings come from the environment, beneath it from gateway.env, which only its owner may read', async (t) => {
  const cwd = await emptyFolder(t)
  const file = join(cwd, '.gerbang', 'gateway.env')
  await mkdir(join(cwd, '.gerbang'))
  await writeFile(
    file,
    '# keys\nDATABASE_URL=postgres://a?b=c\nGERBANG_PORT=5000\nGERBANG_LOOKUP_KEY=abc=\n',
    { mode: 0o600 },
  )
  const read = (env: Record<string, string>) => gatewayEnvironment(readCliConfig(env, cwd))
  assert.deepEqual(read({ GERBANG_PORT: '6000', GERBANG_LOOKUP_KEY: '' }), {
    DATABASE_URL: 'postgres://a?b=c',
    GERBANG_PORT: '6000',
    GERBANG_LOOKUP_KEY: 'abc=',
  })
  assert.equal(read({ DATABASE_URL: 'postgres://mine' }).DATABASE_URL, 'postgres://mine')
  await chmod(file, 0o644)
  assert.throws(() => read({}), /chmod 600/)
})
