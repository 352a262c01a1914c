import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, test } from 'node:test'
import { aPayment, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
let strictUrl: string
before(async () => {
  stage = await openStage()
  strictUrl = (await stage.openAnother({}, { GERBANG_SIGNATURE_FORMS: 'strict' })).url
})
after(() => stage.close())

const remarks = "Kopi  susu & teh = 2 <enak> 'ya' Ω Çelik 😀 https://toko.example/a?b=1"

/** As `json_encode` of PHP writes on the wire: `\/` and `\uXXXX`. */
const asPhp = (text: string) => asAscii(text).replaceAll('/', '\\/')
/** As Python's `ensure_ascii`. */
const asAscii = (text: string) => text.replace(/[^\0-\x7f]/g, escaped)
/** As `requests(json=…)` writes: blanks behind comma and colon. */
const asPython = (text: string) => asAscii(text).replaceAll('":', '": ').replaceAll(',"', ', "')
const asGo = (text: string) => text.replace(/[<>&]/g, escaped)
const asGson = (text: string) => text.replace(/[<>&=']/g, escaped)
const pretty = (text: string) => JSON.stringify(JSON.parse(text), null, 2)

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

const same = (text: string) => text

/** What official clients hash and what they send, and the form by which the two are found to agree. */
const CLIENTS: readonly {
  client: string
  signs: (text: string) => string
  sends: (text: string) => string
  form: string
  isStrict: boolean
}[] = [
  { client: 'Node', signs: same, sends: same, form: 'raw', isStrict: true },
  { client: 'Go', signs: asGo, sends: asGo, form: 'raw', isStrict: true },
  {
    client: 'a client that signs its pretty print',
    signs: pretty,
    sends: pretty,
    form: 'raw',
    isStrict: false,
  },
  { client: 'a client that pretty-prints', signs: same, sends: pretty, form: 'minified', isStrict: true },
  { client: 'Python', signs: asAscii, sends: asPython, form: 'minified', isStrict: true },
  { client: 'PHP', signs: same, sends: asPhp, form: 'reserialised', isStrict: false },
  { client: 'Java', signs: same, sends: asGson, form: 'reserialised', isStrict: false },
  { client: 'a proxy that unescapes Python', signs: asAscii, sends: same, form: 'ascii', isStrict: false },
  { client: 'a proxy that unescapes Go', signs: asGo, sends: same, form: 'go', isStrict: false },
  { client: 'a proxy that unescapes Gson', signs: asGson, sends: same, form: 'gson', isStrict: false },
]

function aBody(): string {
  return JSON.stringify(aPayment({ additionalInfo: { remarks } }))
}

for (const { client, signs, sends, form, isStrict } of CLIENTS) {
  test(`what ${client} signs and sends is accepted, and the log says as which form`, async () => {
    const text = aBody()
    stage.logged.length = 0
    const answer = await stage.merchant.call(PAYMENT_PATH, signs(text), { sent: sends(text) })
    assert.equal(answer.status, 200, answer.text)
    const line = stage.logged.map((entry) => JSON.parse(entry)).find((entry) => entry.bodyForm !== undefined)
    assert.equal(line?.bodyForm, form)
  })

  test(`a strict gateway ${isStrict ? 'accepts' : 'refuses'} what ${client} signs and sends`, async () => {
    const text = aBody()
    const changes = { sent: sends(text), baseUrl: strictUrl }
    const answer = await stage.merchant.call(PAYMENT_PATH, signs(text), changes)
    assert.equal(answer.body.responseCode, isStrict ? '2005400' : '4015400')
  })
}

test('another document is no form of the signed one', async () => {
  const text = aBody()
  const others = [
    text.replace('10000.00', '10000.01'),
    text.replace('Kopi  susu', 'Kopi susu'),
    text.replace('{"partner', '{"extra":1,"partner'),
    text.replace('"IDR"', '"idr"'),
  ]
  for (const sent of others) {
    const answer = await stage.merchant.call(PAYMENT_PATH, text, { sent })
    assert.equal(answer.body.responseMessage, 'Unauthorized. Invalid Signature')
  }
})

test('a query string on the target is signed with it', async () => {
  const target = `${PAYMENT_PATH}?a=1&b=%20c`
  assert.equal((await stage.merchant.call(target, aPayment())).status, 200)
  const unsigned = await stage.merchant.call(target, aPayment(), { signedPath: PAYMENT_PATH })
  assert.equal(unsigned.body.responseMessage, 'Unauthorized. Invalid Signature')
  const reordered = await stage.merchant.call(target, aPayment(), {
    signedPath: `${PAYMENT_PATH}?b=%20c&a=1`,
  })
  assert.equal(reordered.body.responseMessage, 'Unauthorized. Invalid Signature')
})

test('behind a proxy that strips a prefix, the path with the prefix is what is signed', async () => {
  const { url } = await stage.openAnother({}, { GERBANG_PATH_PREFIX: '/pay' })
  const signedPath = `/pay${PAYMENT_PATH}`
  assert.equal(
    (await stage.merchant.call(PAYMENT_PATH, aPayment(), { baseUrl: url, signedPath })).status,
    200,
  )
  const bare = await stage.merchant.call(PAYMENT_PATH, aPayment(), { baseUrl: url })
  assert.equal(bare.body.responseMessage, 'Unauthorized. Invalid Signature')
})

test('a signature in any other spelling than canonical base64 is refused', async () => {
  const right = createHmac('sha512', stage.merchant.keys.clientSecret).update('x').digest()
  const spellings = [
    right.toString('hex'),
    right.toString('base64url'),
    `${right.toString('base64')}AAAA`,
    `${right.toString('base64')}\t.`,
    right.toString('base64').toLowerCase(),
    right.subarray(0, 32).toString('base64'),
    'x',
  ]
  for (const signature of spellings) {
    const { status, body } = await stage.merchant.pay({}, { headers: { 'X-SIGNATURE': signature } })
    assert.ok(status === 401 || body.responseCode === '4005401', signature)
  }
})

test('the right signature is refused in hex, in base64url and with garbage behind it', async () => {
  const spell = (spelling: (signature: Buffer) => string) => async () => {
    const before = await stage.merchant.signatureFor(PAYMENT_PATH, aPayment())
    const { status, body } = await stage.merchant.call(PAYMENT_PATH, before.text, {
      timestamp: before.timestamp,
      headers: { 'X-SIGNATURE': spelling(Buffer.from(before.signature, 'base64')) },
    })
    return `${status} ${body.responseMessage}`
  }
  assert.equal(await spell((mac) => mac.toString('base64'))(), '200 Successful')
  for (const spelling of [
    (mac: Buffer) => mac.toString('hex'),
    (mac: Buffer) => mac.toString('base64url'),
    (mac: Buffer) => `${mac.toString('base64')}=`,
    (mac: Buffer) => `${mac.toString('base64')}!`,
    (mac: Buffer) => mac.toString('base64').slice(0, -1),
  ])
    assert.equal(await spell(spelling)(), '401 Unauthorized. Invalid Signature')
})
