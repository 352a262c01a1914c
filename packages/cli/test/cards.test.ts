import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyFolder, runGerbang } from './run-gerbang.ts'
import { openShop, snap } from './shop.ts'

const CPAN = '9360000200000200001'
const TOKEN = 'de52e5820f4c381db88a1cf91d57b73e'
const PAID = snap('2005400', 'Successful', { referenceNo: 'REF-1' })
const CARD = ['--cpan', CPAN, '--ott', '12345678']
const KEPT = ['--token', TOKEN]

test('pay sends the variant that the options ask for', async (t) => {
  const shop = await openShop(t, PAID)
  const lines: [string[], Record<string, unknown>][] = [
    [CARD, { chargeToken: CPAN, otp: '12345678' }],
    [[...CARD, '--keep-card'], { chargeToken: CPAN, otp: '12345678', isBindAndPay: 'Y' }],
    [[...CARD, '--variant', 'V2'], { chargeToken: CPAN, otp: '12345678', isBindAndPay: 'Y' }],
    [KEPT, { bankCardToken: TOKEN }],
    [['--variant', 'V3', ...KEPT, '--ott', '12345678'], { bankCardToken: TOKEN, otp: '12345678' }],
    [[...KEPT, '--recurring'], { bankCardToken: TOKEN, paymentType: 'RECURRING' }],
    [[...KEPT, '--variant', 'V4'], { bankCardToken: TOKEN, paymentType: 'RECURRING' }],
  ]
  for (const [options] of lines) {
    const { code, err } = await runGerbang(['pay', '--amount', '10000', ...options], shop)
    assert.equal(code, 0, err)
  }
  const sent = shop.bodies.map(({ chargeToken, otp, bankCardToken, additionalInfo }) => {
    const { isBindAndPay, paymentType } = additionalInfo as Record<string, unknown>
    const means = { chargeToken, otp, bankCardToken, isBindAndPay, paymentType }
    return Object.fromEntries(Object.entries(means).filter(([, value]) => value !== undefined))
  })
  assert.deepEqual(
    sent,
    lines.map(([, body]) => body),
  )
})

test('options that contradict each other are told before anything is sent', async (t) => {
  const shop = await openShop(t, PAID)
  const wrong: [string[], RegExp][] = [
    [[], /^V1 needs --cpan and --ott\.\nNext: npx gerbang pay --help/],
    [['--variant', 'V2', '--cpan', CPAN], /^V2 needs --cpan and --ott\./],
    [['--variant', 'V3'], /^V3 needs --token/],
    [[...KEPT, ...CARD], /^--cpan does not go with a kept card\./],
    [[...KEPT, '--keep-card'], /^--keep-card does not go/],
    [[...CARD, '--recurring'], /^--recurring needs --token\./],
    [[...KEPT, '--variant', 'V1'], /^--variant V1 is not what the other options ask for \(V3\)\./],
    [[...KEPT, '--recurring', '--variant', 'V3'], /\(V4\)/],
    [[...CARD, '--variant', 'V5'], /Allowed choices are V1, V2, V3, V4/],
  ]
  for (const [options, words] of wrong) {
    const { code, err } = await runGerbang(['pay', '--amount', '10000', ...options], shop)
    assert.equal(code, 2, options.join(' '))
    assert.match(err, words)
  }
  assert.deepEqual(shop.bodies, [])
})

test('status shows the token of the card that a payment kept, and every refund', async (t) => {
  const shop = await openShop(
    t,
    snap('2005500', 'Successful', {
      latestTransactionStatus: '00',
      additionalInfo: { bankCardToken: TOKEN, bindStatus: 'SUCCESS' },
      refundHistory: [
        {
          refundNo: 'RF-1',
          partnerReferenceNo: 'R1',
          refundAmount: { value: '4000.00', currency: 'IDR' },
          refundStatus: '00',
          reason: 'broken',
        },
      ],
    }),
  )
  const { out } = await runGerbang(['status', 'INV-1'], shop)
  assert.match(out, new RegExp(`^  bankCardToken +${TOKEN}\n  bindStatus +SUCCESS$`, 'm'))
  assert.match(out, /^ {2}refund +refunded {2}4000\.00 {2}R1 {2}broken$/m)
})

test('a refund tells what went back; one that is open is repeated with its own number only', async (t) => {
  const shop = await openShop(t, {
    refund: snap('2000700', 'Successful', { refundNo: 'RF-1', partnerRefundNo: 'R1' }),
  })
  const done = await runGerbang(
    ['refund', 'INV-1', '--amount', '4000', '--refund-no', 'R1', '--reason', 'broken'],
    shop,
  )
  assert.equal(done.code, 0, done.err)
  assert.match(
    done.out,
    /^Refunded\. The money went back\.\n {2}partnerRefundNo +R1\n {2}refundNo +RF-1\n {2}amount +4000\.00\n/,
  )
  assert.equal(shop.headers[0]?.['x-ip-address'], '127.0.0.1')
  assert.deepEqual(shop.bodies[0]?.refundAmount, { value: '4000.00', currency: 'IDR' })

  const open = await openShop(t, { refund: snap('2020700', 'Request In Progress') })
  const pending = await runGerbang(['refund', '--reference-no', 'REF-1', '--amount', '4000.00'], open)
  assert.equal(pending.code, 0)
  assert.match(pending.out, /^Pending\. .*same --refund-no only\./)
  assert.match(pending.out, /^Next: npx gerbang status --reference-no REF-1$/m)
  assert.match(String(open.bodies[0]?.partnerRefundNo), /^R[0-9A-Z]{11}$/, 'twelve characters at most')

  const silent = await openShop(t, { refund: { status: 502, body: {} } })
  const unknown = await runGerbang(['refund', 'INV-1', '--amount', '4000', '--refund-no', 'R9'], silent)
  assert.equal(unknown.code, 3)
  assert.match(unknown.err, /^No answer from .*: repeat with the same --refund-no only\.$/m)
  assert.match(unknown.err, /^ {2}partnerRefundNo +R9$/m)

  const over = await openShop(t, { refund: snap('4040713', 'Invalid Amount') })
  const refused = await runGerbang(['refund', 'INV-1', '--amount', '4000'], over)
  assert.equal(refused.code, 4)
  assert.match(refused.err, /^4040713 Invalid Amount\. .*what is left of the payment/)
  assert.equal((await runGerbang(['refund', '--amount', '1'], over)).code, 2)
})

test('a card is kept on the page, whose address may be shown for a telephone', async (t) => {
  const redirectUrl = 'https://pay.example/bind/abc'
  const shop = await openShop(t, snap('2000100', 'Successful', { referenceNo: 'REF-B', redirectUrl }))
  const { code, out, err } = await runGerbang(['bind', '--cpan', CPAN, '--phone', '081234567890'], shop)
  assert.equal(code, 0, err)
  assert.match(out, /^Open\. The cardholder confirms on this page:\n {2}https:\/\/pay\.example\/bind\/abc\n/)
  assert.match(out, /^Next: npx gerbang listen/m)
  assert.equal(shop.headers[0]?.['channel-id'], 'DH')
  assert.ok(!JSON.stringify(shop.bodies).includes(CPAN), 'the card leaves encrypted')
  assert.ok(!out.includes('█'))
  const qr = await runGerbang(['bind', '--cpan', CPAN, '--qr'], shop)
  assert.match(qr.out, /█/)
})

test('host to host, the code is given back at once or later', async (t) => {
  const shop = await openShop(t, {
    'registration-card-bind': snap('2000100', 'Successful', {
      referenceNo: 'REF-B',
      additionalInfo: { authCode: 'AUTH-1' },
    }),
    'otp-verification': snap('2000400', 'Successful', {
      originalReferenceNo: 'REF-B',
      bankCardToken: TOKEN,
      additionalInfo: { authCode: 'AUTH-1', custIdMerchant: 'CUST001' },
    }),
    otp: snap('2008100', 'Successful', { originalReferenceNo: 'REF-B' }),
  })
  const open = await runGerbang(['bind', '--cpan', CPAN, '--host-to-host'], shop)
  assert.match(open.out, /^Next: npx gerbang otp verify REF-B --otp <digits>$/m)
  const again = await runGerbang(['otp', 'resend', 'REF-B'], shop)
  assert.match(again.out, /^Sent\./)
  const later = await runGerbang(['otp', 'verify', 'REF-B', '--otp', '111000'], shop)
  assert.match(later.out, new RegExp(`^Bound\\. .*\n  bankCardToken +${TOKEN}\n`))
  const atOnce = await runGerbang(['bind', '--cpan', CPAN, '--otp', '111000', '--json'], shop)
  assert.equal(JSON.parse(atOnce.out).verification.bankCardToken, TOKEN)
  assert.deepEqual(shop.called, [
    'registration-card-bind',
    'otp',
    'otp-verification',
    'registration-card-bind',
    'otp-verification',
  ])
  assert.equal(shop.headers.at(-2)?.['channel-id'], 'H2H')
})

test('a code that did not fit, or was not sent yet, is told with the number to go on with', async (t) => {
  const shop = await openShop(t, {
    'registration-card-bind': snap('2020100', 'Request In Progress', { referenceNo: 'REF-B' }),
    'otp-verification': snap('4040415', 'Invalid OTP'),
  })
  const early = await runGerbang(['bind', '--cpan', CPAN, '--otp', '111000'], shop)
  assert.equal(early.code, 1)
  assert.match(early.err, /^Next: npx gerbang otp resend REF-B/m)
  const wrong = await runGerbang(['otp', 'verify', 'REF-B', '--otp', '000000'], shop)
  assert.equal(wrong.code, 4)
  assert.match(wrong.err, /^4040415 Invalid OTP\. The code is wrong.*\n {2}referenceNo +REF-B$/m)
  const inbox = await runGerbang(['bind', '--cpan', CPAN, '--otp', 'inbox'], shop)
  assert.equal(inbox.code, 2)
  assert.match(inbox.err, /--otp inbox needs --phone/)
})

test('a card is forgotten by its token, and a customer’s token is had for its code', async (t) => {
  const shop = await openShop(t, {
    'registration-card-unbind': snap('2000500', 'Successful', { referenceNo: 'REF-U' }),
    b2b2c: snap('2007400', 'Successful', { accessToken: 'customer-1', refreshToken: 'again-1' }),
  })
  const unbound = await runGerbang(['unbind', TOKEN], shop)
  assert.equal(unbound.code, 0, unbound.err)
  assert.match(unbound.out, /^Unbinding\..*\n {2}referenceNo +REF-U\n/)
  assert.equal(shop.bodies[0]?.tokenId, TOKEN)
  const token = await runGerbang(['token', '--auth-code', 'AUTH-1'], shop)
  assert.match(token.out, /^ {2}accessToken +customer-1\n {2}refreshToken +again-1$/m)
  for (const options of [[], ['--auth-code', 'A', '--refresh-token', 'B']]) {
    assert.equal((await runGerbang(['token', ...options], { cwd: await emptyFolder(t) })).code, 2)
  }
})
