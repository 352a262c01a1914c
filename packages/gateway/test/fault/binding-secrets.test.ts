import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  aBinding,
  BIND_PATH,
  codeOf,
  messagesOf,
  newCard,
  OTP_PATH,
  untilStands,
  VERIFY_PATH,
} from '../card-customer.ts'
import { type Answer, newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { control } from './books.ts'
import { JumpingClock } from './process-alike.ts'

const secrets: Record<string, string> = {
  'a wrong code': '87615234',
  'a code that keeps silent': '76152348',
  'a one-time token': '12345678',
  'a telephone number': '81298765432',
}
const replies: string[] = []
const printed: string[] = []
const clock = new JumpingClock()
let stage: Stage

before(async () => {
  const print = (fields: object, message: string) => void printed.push(JSON.stringify({ ...fields, message }))
  stage = await openStage({
    seams: { clock },
    simulator: { clock: clock.now, log: { debug: print, info: print, error: print } },
    env: { GERBANG_NETWORK_TIMEOUT_MS: '300', GERBANG_TRANSACTION_TOLERANCE_SECONDS: '0' },
  })
  await tryEverything()
})
after(() => stage.close())

function keep(answer: Answer): Answer {
  replies.push(answer.text, JSON.stringify(answer.headers))
  return answer
}

async function call(
  path: string,
  body: object | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const externalId = newId()
  const { merchant } = stage
  keep(await merchant.call(path, body, { externalId, headers }))
  return keep(await merchant.call(path, body, { externalId, headers }))
}

/** Both flows, wrong, silent and broken ones, and the secrets in every place where a client might put them by mistake. */
async function tryEverything(): Promise<void> {
  const cardNumber = await newCard(stage)
  secrets['the card number'] = cardNumber
  const body = () => ({
    ...aBinding(stage.merchant, { cardNumber, card: { otp: secrets['a one-time token'] } }),
    phoneNo: `0${secrets['a telephone number']}`,
  })
  for (const [index, flow] of (['H2H', 'DH'] as const).entries()) {
    const answer = await stage.merchant.call(BIND_PATH, body(), { headers: { 'CHANNEL-ID': flow } })
    const { referenceNo, redirectUrl, additionalInfo } = answer.body
    assert.equal(answer.body.responseCode, '2000100', answer.text)
    if (flow === 'DH') secrets['the id of the page'] = redirectUrl.split('/').at(-1)
    else secrets['the authCode'] = additionalInfo.authCode
    await tryCodes(referenceNo, index)
    if (flow === 'DH') await visit(redirectUrl, referenceNo)
  }
  for (const fault of ['garbage', 'drop-after']) {
    await control(stage, 'next', { fault, match: { operation: 'binding' } })
    await call(BIND_PATH, body())
  }
  for (const misplaced of [cardNumber, secrets['a one-time token']]) {
    await call(BIND_PATH, { ...body(), cardData: misplaced })
    await call(BIND_PATH, { ...body(), custIdMerchant: `${misplaced}-` })
    await call(OTP_PATH, { originalReferenceNo: 'x', [String(misplaced)]: misplaced })
    await call(VERIFY_PATH, { otp: `${misplaced}${misplaced}`, originalReferenceNo: 'x' })
  }
}

async function tryCodes(referenceNo: string, index: number): Promise<void> {
  const named = { originalReferenceNo: referenceNo }
  await call(VERIFY_PATH, { ...named, otp: secrets['a wrong code'] })
  secrets[`a code that was replaced ${index}`] = await codeOf(stage, referenceNo)
  clock.jump(61_000)
  await call(OTP_PATH, named)
  await control(stage, 'next', { fault: 'garbage', match: { operation: 'verification' } })
  await call(VERIFY_PATH, { ...named, otp: secrets['a code that keeps silent'] })
  await untilStands(stage, referenceNo, 'otp_sent')
  const code = await codeOf(stage, referenceNo)
  secrets[`a code that was right ${index}`] = code
  if (index > 0) return
  const done = await stage.merchant.call(VERIFY_PATH, { ...named, otp: code })
  assert.equal(done.body.responseCode, '2000400', done.text)
}

async function visit(url: string, referenceNo: string): Promise<void> {
  const page = await fetch(url)
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
  secrets['the cookie of the page'] = cookie.split('=')[1] ?? ''
  const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())?.[1] ?? ''
  secrets['the token of the form'] = csrf
  for (const code of [secrets['a wrong code'], (await messagesOf(stage, referenceNo))[0]?.code]) {
    const fields = new URLSearchParams({ csrf, code: String(code), action: 'verify' })
    await fetch(url, { method: 'POST', headers: { cookie }, body: fields })
  }
  await untilStands(stage, referenceNo, 'active')
}

/** Everything that anybody but the network, the partner and its customer ever gets to see. */
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
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
  const files = await Promise.all(
    names.map(async (name) => [name, await readFile(join(directory, name), 'utf8')]),
  )
  return {
    ...Object.fromEntries([...rows, ...files]),
    'the log': stage.logged.join(''),
    'the log of the simulator': printed.join('\n'),
    'the metrics': await (await fetch(`${stage.url}/metrics`)).text(),
  }
}

/** Digits occur in longer numbers by chance, so short ones count only where they stand alone. */
function holds(text: string, secret: string): boolean {
  if (!/^\d{1,8}$/.test(secret)) return text.includes(secret)
  return new RegExp(`(?<![0-9a-f])${secret}(?![0-9a-f])`).test(text)
}

/** The simulator's ledger is the network's own and may know where it sent a code. */
const MAY_KNOW: Readonly<Record<string, string>> = { 'a telephone number': 'ledger.jsonl' }

test('no code, card, page or telephone number is in a table, an event, a log, a metric or a ledger', async () => {
  const found: string[] = []
  for (const [place, text] of Object.entries(await places()))
    for (const [what, secret] of Object.entries(secrets)) {
      assert.ok(secret.length >= 6, what)
      if (holds(text, secret) && MAY_KNOW[what] !== place) found.push(`${what} is in ${place}`)
    }
  assert.deepEqual(found, [])
})

test('no refusal repeats a code or a card', () => {
  const told = replies.join('\n')
  for (const what of ['a wrong code', 'a code that keeps silent', 'a one-time token', 'the card number'])
    assert.ok(!holds(told, String(secrets[what])), what)
})

test('the search finds each secret where there is one', async () => {
  for (const [what, secret] of Object.entries(secrets)) {
    await stage.query('create table slips (slip text)')
    await stage.query('insert into slips values ($1)', [`told ${secret} by mistake`])
    const { 'table slips': table } = await places()
    await stage.query('drop table slips')
    assert.ok(holds(String(table), secret), what)
  }
})

test('everything was tried: kept, wrong, replaced and left in progress', async () => {
  const codes = new Set(replies.join().match(/"responseCode":"\d{7}"/g))
  for (const code of ['2020100', '2008100', '4040415', '2020400', '4010100', '4000101'])
    assert.ok(codes.has(`"responseCode":"${code}"`), `${code} is among ${[...codes].join()}`)
  const searched = await places()
  for (const place of ['bindings', 'otp_attempts', 'page_sessions', 'card_tokens', 'request_ids', 'outbox'])
    assert.ok(String(searched[`table ${place}`]).length > 100, place)
})
