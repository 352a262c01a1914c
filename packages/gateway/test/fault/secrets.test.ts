import assert from 'node:assert/strict'
import { createPrivateKey, randomInt } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  type Answer,
  aPayment,
  type Merchant,
  newId,
  now,
  PAYMENT_PATH,
  STATUS_PATH,
  send,
} from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { control, untilAllAreFinal } from './books.ts'
import { freePort, type Spawned, spawnGateway } from './spawned.ts'

/** Values that occur nowhere else, by what they are. */
const secrets: Record<string, string> = {
  'the card number': `93600002${digits(11)}`,
  'another card number': `93600002${digits(8)}`,
  'the one-time token': '12345678',
  'a one-time token that fails': `7${digits(7)}`,
  'a one-time token that keeps silent': '40000001',
}

const printed: string[] = []
const replies: string[] = []
let stage: Stage
let spawned: Spawned
let metrics = ''

function digits(length: number): string {
  return Array.from({ length }, () => randomInt(1, 10)).join('')
}

before(async () => {
  const log = {
    debug: (fields: object, message: string) => void printed.push(JSON.stringify({ ...fields, message })),
    info: (fields: object, message: string) => void printed.push(JSON.stringify({ ...fields, message })),
    error: (fields: object, message: string) => void printed.push(JSON.stringify({ ...fields, message })),
  }
  stage = await openStage({ simulator: { log }, env: { GERBANG_NETWORK_TIMEOUT_MS: '300' } })
  const port = String(await freePort())
  spawned = await spawnGateway({
    ...stage.env,
    GERBANG_PORT: port,
    GERBANG_WORKERS: '1',
    GERBANG_LOG_LEVEL: 'debug',
  })
  const token = await stage.merchant.token()
  const keyFile = await readFile(String(stage.env['GERBANG_SIGNING_KEY_FILE']), 'utf8')
  Object.assign(secrets, {
    'the client secret': stage.merchant.keys.clientSecret,
    'the access token': token,
    'the signature of the access token': token.split('.')[2],
    'the key that seals cards': String(stage.env['GERBANG_CARD_KEYS']).split(':')[1],
    'the key that looks cards up': stage.env['GERBANG_LOOKUP_KEY'],
    'the key of the network': stage.env['GERBANG_NETWORK_KEY'],
    'the key that signs tokens': keyFile.split('\n')[3],
    'its private exponent': createPrivateKey(keyFile).export({ format: 'jwk' }).d,
    'the password of the database': new URL(stage.databaseUrl).password,
  })
  await addCard(String(secrets['the card number']))
  for (const url of [stage.url, spawned.url]) await tryEverything(url)
  await untilAllAreFinal(stage)
  metrics = await (await fetch(`${stage.url}/metrics`)).text()
  metrics += await (await fetch(`${spawned.url}/metrics`)).text()
  await spawned.stop()
})
after(() => stage.close())

async function addCard(cardNumber: string): Promise<void> {
  const body = JSON.stringify({ cardNumber, limit: '50000000.00' })
  const response = await fetch(`${stage.simulator.url}/_sim/accounts`, { method: 'PUT', body })
  assert.equal(response.status, 200)
}

/** Good, bad, declined and silent payments, and the secrets in every place where a client might put them by mistake. */
async function tryEverything(baseUrl: string): Promise<void> {
  const { merchant } = stage
  const chargeToken = String(secrets['the card number'])
  const otp = String(secrets['the one-time token'])
  const good = () => aPayment({ chargeToken, otp })
  const bad = secrets['a one-time token that fails']
  const keep = ({ text, headers }: Answer) => void replies.push(text, JSON.stringify(headers))
  const tell = async (body: object | string, more: Parameters<Merchant['call']>[2] = {}) =>
    keep(await merchant.call(PAYMENT_PATH, body, { ...more, baseUrl }))

  const externalId = newId()
  const twice = good()
  await tell(twice, { externalId })
  await tell(twice, { externalId })
  await tell({ ...twice, otp: bad }, { externalId })
  await tell({ ...good(), otp: bad })
  await tell({ ...good(), otp: secrets['a one-time token that keeps silent'] })
  await tell({ ...good(), chargeToken: secrets['another card number'] })
  for (const fault of ['garbage', 'reset', 'drop-after']) {
    await control(stage, 'next', { fault })
    await tell(good())
  }
  for (const misplaced of [chargeToken, otp, { otp, chargeToken }, [chargeToken]]) {
    await tell({ ...good(), amount: { value: misplaced, currency: 'IDR' } })
    await tell({ ...good(), amount: { value: '10000.00', currency: misplaced } })
    await tell({ ...good(), additionalInfo: { channel: misplaced } })
    await tell({ ...good(), otp: misplaced, chargeToken: misplaced })
    await tell({ ...good(), [String(misplaced)]: misplaced, extra: misplaced })
  }
  const text = JSON.stringify(good())
  await tell({ ...good(), amount: undefined })
  await tell(text.slice(0, -1))
  await tell(`${text}${chargeToken}`)
  await tell(text.replace('"otp"', `"${otp}":1,"otp":"${otp}","otp"`))
  await tell(`"${chargeToken}"`)
  await tell(good(), { headers: { 'X-SIGNATURE': merchant.keys.clientSecret } })
  await tell(good(), { headers: { 'X-TIMESTAMP': chargeToken } })
  await tell(good(), { headers: { Authorization: `Bearer ${await merchant.token()}x` } })
  await tell(good(), { sent: `${text} ` })
  keep(await merchant.askToken({ baseUrl, body: `{"grantType":"${chargeToken}"}` }))
  keep(await merchant.status({ originalPartnerReferenceNo: twice.partnerReferenceNo }, { baseUrl }))
  keep(await merchant.call(STATUS_PATH, { otp, chargeToken }, { baseUrl }))
  keep(await send(baseUrl, `/${chargeToken}?otp=${otp}`, { 'X-TIMESTAMP': now() }, text))
}

/** Everything that anybody but the network and the merchant ever gets to see. */
async function places(): Promise<Readonly<Record<string, string>>> {
  const tables = await stage.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(async ({ name }) => [
      `table ${name}`,
      JSON.stringify(await stage.query(`select to_jsonb(t) from "${name}" t`)),
    ]),
  )
  const directory = dirname(stage.simulator.ledgerPath)
  const ledger = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
  const files = await Promise.all(
    ledger.map(async (name) => [name, await readFile(join(directory, name), 'utf8')]),
  )
  return {
    ...Object.fromEntries([...rows, ...files]),
    'the log': stage.logged.join(''),
    'the output of the processes': spawned.printed.join(''),
    'the log of the simulator': printed.join('\n'),
    'the metrics': metrics,
    'the replies': replies.join('\n'),
  }
}

/** Short runs of digits occur in numbers by chance, so they count only where they stand alone. */
function holds(text: string, secret: string): boolean {
  if (secret.length > 8)
    return text.includes(secret) || text.includes(Buffer.from(secret).toString('base64').slice(0, -3))
  return new RegExp(`(?<![0-9])${secret}(?![0-9])`).test(text)
}

test('no secret is in a log, a table, an event, a metric, a reply or a ledger', async () => {
  const found: string[] = []
  const searched = await places()
  for (const place of [
    'table payments',
    'table outbox',
    'table request_ids',
    'table partners',
    'ledger.jsonl',
  ])
    assert.ok(String(searched[place]).length > 100, `${place} has something in it`)
  for (const [place, text] of Object.entries(searched)) {
    assert.ok(text.length > 100 || place.startsWith('table '), `${place} has something in it`)
    for (const [what, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 8, what)
      if (holds(text, secret)) found.push(`${what} is in ${place}`)
    }
  }
  assert.deepEqual(found, [])
})

test('the search finds each secret where there is one', async () => {
  for (const [what, secret] of Object.entries(secrets)) {
    assert.ok(holds(JSON.stringify({ otp: secret }), secret), what)
    await stage.query('create table slips (slip text)')
    await stage.query('insert into slips values ($1)', [`told ${secret} by mistake`])
    const { 'table slips': table } = await places()
    assert.ok(holds(String(table), secret), what)
    await stage.query('drop table slips')
  }
})

test('everything was tried: paid, declined, refused and left in progress', () => {
  const codes = new Set(replies.join().match(/"responseCode":"\d{7}"/g))
  for (const code of ['2005400', '2025400', '4095400', '4045415', '4005401', '4005402', '4015400', '4005400'])
    assert.ok(codes.has(`"responseCode":"${code}"`), `${code} is among ${[...codes].join()}`)
})
