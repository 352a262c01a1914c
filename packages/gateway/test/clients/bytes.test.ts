import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { openStage, type Stage } from '../stage.ts'
import { bodyOf } from './bodies.ts'
import type { Client } from './client.ts'
import { CLIENTS } from './clients.ts'
import { php } from './php.ts'
import { Session } from './session.ts'
import type { Json } from './write-json.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(() => stage.close())

interface Written {
  readonly client: string
  readonly document: string
  readonly by: string
  readonly sent: string
  readonly signed: string
}

interface PhpVector {
  readonly name: string
  readonly signedBody: string
  readonly sentAs: readonly { readonly about: string; readonly body: string }[]
}

interface Document {
  readonly name: string
  /** Left out where only a text says it: JavaScript reorders members that are named by numbers. */
  readonly value?: Json
}

const { documents, written } = readVector<{
  documents: readonly Document[]
  written: readonly Written[]
}>('clients.json')

function readVector<Value>(name: string): Value {
  return JSON.parse(readFileSync(new URL(`../../../../../vectors/${name}`, import.meta.url), 'utf8'))
}

const clientOf = (name: string): Client => {
  const client = CLIENTS.find((one) => name.startsWith(one.name))
  assert.ok(client)
  return client
}

for (const { client, document, by, sent } of written) {
  const value = documents.find(({ name }) => name === document)?.value
  // Bodies are made of PHP's arrays; what it makes of objects is there for their hash.
  if (value === undefined || client === 'php-objects') continue
  test(`the writer of ${client} writes ${document} as ${by} does`, () => {
    const call = client === 'java-card' ? 'card_registration' : 'payment'
    assert.equal(clientOf(client).sends(value, call), sent)
  })
}

for (const { client, document, by, sent, signed } of written)
  test(`what ${client} writes of ${document} is hashed as ${by} does`, () => {
    assert.equal(clientOf(client).signs(sent), signed)
  })

test('the writer of php writes and hashes what its vectors hold', () => {
  const rows = readVector<readonly PhpVector[]>('symmetric.json').flatMap(({ name, signedBody, sentAs }) =>
    sentAs
      .filter(
        ({ about }) => about === 'PHP: slashes escaped' || (name === 'S5' && about === 'escaped on the wire'),
      )
      .map(({ body }) => ({ sent: body, signed: signedBody })),
  )
  assert.equal(rows.length, 2)
  for (const { sent, signed } of rows) {
    assert.equal(php.sends(JSON.parse(signed), 'payment'), sent)
    assert.equal(php.signs(sent), signed)
  }
})

/** What breaks one hash or another. Line separators stand beside the characters that other writers escape. */
const TEXTS: Readonly<Record<string, string>> = {
  'an address with a query': "https://toko.example/ok?a=1&b='2'#/x",
  'two blanks and a quotation': 'Kopi  susu "besar" \\ / \\u0041',
  'signs of HTML': "<b>2 & 3 = 'lima'</b>",
  'letters of other scripts': 'Ω Çelik é 日本 😀',
  'control characters': 'satu\b\tdua\u000b\u001f',
  'a delete sign': '\u007f',
  'line separators': 'satu\u2028dua\u2029',
  'everything at once': 'Ω <a href=\'/x?a=1&b=2\'>\u2028 \u2029 \u007f "q" \\/ 😀',
}

for (const client of CLIENTS)
  for (const [kind, text] of Object.entries(TEXTS))
    test(`${client.name} is known by its signature over ${kind}, and not by one blank more`, async () => {
      const found = await askWith(client, text)
      assert.deepEqual([found.status, found.body?.responseCode], [404, '4045501'], found.text)
      const forged = await askWith({ ...client, signs: (sent) => `${client.signs(sent)} ` }, text)
      assert.equal(forged.body?.responseMessage, 'Unauthorized. Invalid Signature')
    })

/** Asks for a payment that nobody made: who is told so has been let in. */
async function askWith(client: Client, text: string) {
  const session = new Session(client, stage.merchant)
  try {
    await session.mint()
    const names = { originalPartnerReferenceNo: 'INV-NEVER', deviceId: text }
    const wish = { channel: 'DIRECT_DEBIT_CIMB_SNAP', ...names }
    return await session.call('check_status', bodyOf(client, 'check_status', wish))
  } finally {
    session.close()
  }
}
