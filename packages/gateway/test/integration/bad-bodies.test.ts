import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { aPayment, PAYMENT_PATH, STATUS_PATH } from '../merchant.ts'
import { expectRefusal, expectUntouched } from '../refusals.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage
before(async () => {
  stage = await openStage()
})
after(async () => {
  await expectUntouched(stage).finally(() => stage.close())
})

const payment = JSON.stringify(aPayment())
const inPayment = (more: string) => `${payment.slice(0, -1)},${more}}`

/** Signed to the byte: it is the body alone that is at fault. */
const BAD_REQUESTS: Readonly<Record<string, string | Buffer>> = {
  nothing: '',
  'a blank': ' ',
  garbage: 'hello',
  'half a document': payment.slice(0, -1),
  'two documents': payment + payment,
  'a trailing comma': `${payment.slice(0, -1)},}`,
  'a comment': `/* pay */${payment}`,
  'a form': 'partnerReferenceNo=INV-1&amount=10000.00',
  xml: '<payment/>',
  'a doubled member': inPayment('"otp":"12345678"'),
  'a doubled member in another spelling': inPayment('"\\u006ftp":"12345678"'),
  'a doubled member deep inside': inPayment('"x":{"y":{"z":1,"z":1}}'),
  'a doubled __proto__': inPayment('"__proto__":{},"__proto__":{}'),
  'lists 10,000 deep': `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  'objects 40 deep': inPayment(`"x":${'{"a":'.repeat(40)}1${'}'.repeat(40)}`),
  'a NUL byte': inPayment('"x":"\0"'),
  'a NUL byte behind': `${payment}\0`,
  'a NUL escape': inPayment('"x":"\\u0000"'),
  'a lone surrogate': inPayment('"x":"\\ud800"'),
  'surrogates the wrong way round': inPayment('"x":"\\udc00\\ud800"'),
  'invalid UTF-8': Buffer.concat([
    Buffer.from(inPayment('"x":"').slice(0, -1)),
    Buffer.from([0xff, 0xfe, 0x22, 0x7d]),
  ]),
  'an overlong slash': Buffer.concat([
    Buffer.from(inPayment('"x":"').slice(0, -1)),
    Buffer.from([0xc0, 0xaf, 0x22, 0x7d]),
  ]),
  'a byte order mark': `\ufeff${payment}`,
  UTF16: Buffer.from(payment, 'utf16le'),
  NaN: inPayment('"x":NaN'),
  'a number with a leading nought': inPayment('"x":01'),
  'one byte more than 64 KiB': inPayment(`"x":"${'a'.repeat(65_536 - payment.length - 6 + 1)}"`),
  'a MiB': inPayment(`"x":"${'a'.repeat(1_048_576)}"`),
}
for (const [kind, body] of Object.entries(BAD_REQUESTS))
  test(`a body of ${kind} is a bad request on every path`, async () => {
    for (const [path, code] of [
      [PAYMENT_PATH, '4005400'],
      [STATUS_PATH, '4005500'],
    ] as const) {
      const answer = await stage.merchant.call(path, body)
      expectRefusal(answer, kind)
      assert.deepEqual(answer.body, { responseCode: code, responseMessage: 'Bad Request' })
    }
    const token = await stage.merchant.askToken({ body: body.toString('latin1') })
    if (body !== payment) expectRefusal(token, kind)
  })

const VALUES = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '1'.repeat(400),
  '[]',
  '[[]]',
  '{}',
  '{"value":1}',
  '""',
  '"\\n"',
  '"\\u007f"',
  `"${'9'.repeat(3000)}"`,
  '"__proto__"',
  '{"__proto__":{"value":"1.00"}}',
  '{"toString":1}',
]
const MEMBERS = ['partnerReferenceNo', 'chargeToken', 'otp', 'amount']

for (const member of MEMBERS)
  test(`${member} of any other type or form is named in the refusal`, async () => {
    for (const value of VALUES) {
      const body = payment.replace(new RegExp(`"${member}":("[^"]*"|\\{[^}]*\\})`), `"${member}":${value}`)
      assert.notEqual(body, payment)
      if (member === 'partnerReferenceNo' && value === '"__proto__"') continue
      const answer = await stage.merchant.call(PAYMENT_PATH, body)
      expectRefusal(answer, `${member}: ${value.slice(0, 40)}`)
      const message = new RegExp(`^Invalid (Field Format|Mandatory Field) ${member}(\\.(value|currency))?$`)
      assert.match(answer.body.responseMessage, message)
    }
  })

for (const path of ['amount.value', 'amount.currency', 'additionalInfo.channel'])
  test(`${path} of any other type or form is named in the refusal`, async () => {
    const [outer = '', inner = ''] = path.split('.')
    for (const value of VALUES) {
      if (inner === 'channel' && ['null', '""', '[]', '{}'].includes(value)) continue
      if (inner === 'channel' && value.startsWith('{"__proto__"')) continue
      const body = payment.replace(
        new RegExp(`("${outer}":\\{[^}]*"${inner}":)"[^"]*"`),
        (_match, head: string) => head + value,
      )
      assert.notEqual(body, payment)
      const answer = await stage.merchant.call(PAYMENT_PATH, body)
      expectRefusal(answer, `${path}: ${value.slice(0, 40)}`)
      assert.match(
        answer.body.responseMessage,
        new RegExp(`^Invalid (Field Format|Mandatory Field) ${path}$`),
      )
    }
  })

for (const value of VALUES.concat('"INV-1"'))
  test(`a body that is no object but ${value.slice(0, 20)} is refused`, async () => {
    for (const path of [PAYMENT_PATH, STATUS_PATH])
      expectRefusal(await stage.merchant.call(path, value), value)
  })

test('members that objects inherit in JavaScript are no members of a body', async () => {
  const body = `{"__proto__":${payment}}`
  const answer = await stage.merchant.call(PAYMENT_PATH, body)
  assert.equal(answer.body.responseMessage, 'Invalid Mandatory Field partnerReferenceNo')
  assert.equal(({} as Record<string, unknown>).otp, undefined)
})

test('a name in a status request that no reference can have is named in the refusal', async () => {
  for (const name of ['originalPartnerReferenceNo', 'originalReferenceNo', 'originalExternalId'])
    for (const value of [1, true, [1], { x: 1 }, 'x'.repeat(65), '\n', 'é']) {
      const answer = await stage.merchant.status({ [name]: value })
      expectRefusal(answer, `${name}: ${JSON.stringify(value)}`)
      assert.equal(answer.body.responseMessage, `Invalid Field Format ${name}`)
    }
})
