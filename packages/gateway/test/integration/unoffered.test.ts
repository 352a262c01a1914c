import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MATRIX_TITLES, matrixRows } from '../../src/channel-matrix.ts'
import type { Channel } from '../../src/channels/channel.ts'
import { CHANNELS, openChannels } from '../../src/channels/index.ts'
import type { ChannelProfile } from '../../src/channels/profile.ts'
import { bindAccount } from '../account-customer.ts'
import {
  aDebit,
  BALANCE_PATH,
  CANCEL_PATH,
  debit,
  H2H,
  keepAccount,
  OTP,
  OTP_PATH,
  paidAtOnce,
  REFUND_PATH,
  VERIFICATION_PATH,
} from '../kept-accounts.ts'
import { anotherCard, keepCardOf } from '../kept-cards.ts'
import { newId, PAYMENT_PATH } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'

const SLUGS = CHANNELS.map(({ slug }) => slug)
let stage: Stage
let baseUrl: string
/** What the gateway under test has asked of any bank or wallet. */
const asked: string[] = []

before(async () => {
  const env = { GERBANG_CHANNELS: SLUGS.join(), GERBANG_RECONCILE_EVERY_MS: '3600000' }
  stage = await openStage({ env })
  const network = { url: stage.simulator.url, key: stage.config.networkKey, connections: 4 }
  const channels = openChannels({ opened: SLUGS, network, urls: {} }).map(watched)
  baseUrl = (await stage.openAnother({ channels })).url
})
after(() => stage.close())

function watched(channel: Channel): Channel {
  const { profile, owns, close, ...network } = channel
  return { profile, owns: owns.bind(channel), close: close.bind(channel), ...noting(profile.name, network) }
}

/** The same members, each call of which is noted. */
function noting<Part extends object>(name: string, part: Part): Part {
  const noted = Object.entries(part).map(([member, of]) => {
    if (typeof of === 'object' && of !== null) return [member, noting(`${name} ${member}`, of)]
    if (typeof of !== 'function') return [member, of]
    return [
      member,
      (...given: unknown[]) => {
        asked.push(`${name} ${member}`)
        return Reflect.apply(of, part, given)
      },
    ]
  })
  return Object.fromEntries(noted) as Part
}

/** What a customer has done with a channel before. */
interface Standing {
  readonly channel: string
  /** Of the kept card or account; a text of nobody's where none is kept. */
  readonly bankCardToken: string
  readonly headers: Readonly<Record<string, string>>
  /** Of a payment that waits, or is paid where nobody has to confirm it. */
  readonly payment: string
  /** Of a paid one, where a customer need not confirm it. */
  readonly paid: string
  /** Of a binding that waits on its page. */
  readonly binding: string
}

const UNKNOWN = '0'.repeat(32)

/** What the channel asks to be paid with. */
function paidWith(payMethod: string | undefined) {
  return payMethod === undefined ? {} : { payOptionDetails: [{ payMethod }] }
}

async function stand(slug: string, { name: channel, payment, binding }: ChannelProfile): Promise<Standing> {
  const nothing = { channel, bankCardToken: UNKNOWN, headers: {}, binding: UNKNOWN }
  if (payment.shape === 'kki') {
    const { bankCardToken } = await keepCardOf(stage, { cardNumber: anotherCard() })
    const { referenceNo } = (await stage.merchant.pay()).body
    return { ...nothing, bankCardToken, payment: referenceNo, paid: referenceNo }
  }
  if (payment.shape === 'jump-app') {
    const referenceNo = await openedWallet(channel)
    return { ...nothing, payment: referenceNo, paid: referenceNo }
  }
  const account = await keepAccount(stage, slug, { phoneNo: '6281200000001' })
  const partnerReferenceNo = `A${newId()}`.padEnd(payment.reference.min, '0').slice(0, payment.reference.max)
  const members = { partnerReferenceNo, ...paidWith(payment.methods?.[0]) }
  const info = { lineItems: [{ name: 'Kopi', price: '10000.00', quantity: '1' }] }
  const waiting = await debit(stage, account, aDebit(channel, members, info), { headers: H2H })
  assert.match(waiting.body.responseCode, /^20[02]5400$/, waiting.text)
  const paid = payment.types.includes('RECURRING') && slug !== 'ovo'
  return {
    channel,
    ...account,
    payment: waiting.body.referenceNo,
    paid: paid ? (await paidAtOnce(stage, account, channel)).referenceNo : UNKNOWN,
    binding: binding?.kind === 'account' ? await openedBinding(channel) : UNKNOWN,
  }
}

async function openedBinding(channel: string): Promise<string> {
  const device = { deviceModel: 'Pixel', osType: 'android', channelId: 'app' }
  const { body, text } = await bindAccount(stage.merchant, { channel, info: device })
  assert.equal(body.responseCode, '2000700', text)
  return body.referenceNo
}

async function openedWallet(channel: string): Promise<string> {
  const { body, text } = await stage.merchant.call(PAYMENT_PATH, {
    partnerReferenceNo: newId(),
    amount: { value: '10000.00', currency: 'IDR' },
    pointOfInitiation: 'app',
    urlParam: [{ url: 'https://www.merchant.com/back', type: 'PAY_RETURN', isDeepLink: 'N' }],
    additionalInfo: { channel, orderTitle: 'Kopi' },
  })
  assert.equal(body.responseCode, '2005400', text)
  return body.referenceNo
}

type Ask = (standing: Standing) => readonly [path: string, body: object]

const info = ({ channel }: Standing, more: object = {}) => ({ additionalInfo: { channel, ...more } })

/** How each row of the matrix is asked for. */
const REQUESTS: Readonly<Record<string, Ask>> = {
  'Account unbinding': (of) => [
    '/direct-debit/core/v1/registration-account-unbinding',
    { tokenId: of.bankCardToken, ...info(of) },
  ],
  'Card unbinding': (of) => [
    '/direct-debit/core/v1/registration-card-unbind',
    { tokenId: of.bankCardToken, ...info(of) },
  ],
  '`otp`: a code for a binding': (of) => [OTP_PATH, { originalReferenceNo: of.binding, ...info(of) }],
  '`otp-verification` of a binding': (of) => [
    VERIFICATION_PATH,
    { otp: OTP, action: 'otpLinkage', originalReferenceNo: of.binding, ...info(of) },
  ],
  '`otp`: a code for a payment': (of) => [OTP_PATH, { originalReferenceNo: of.payment, ...info(of) }],
  '`otp-verification` of a payment': (of) => [
    VERIFICATION_PATH,
    { otp: OTP, action: 'otpPayment', originalReferenceNo: of.payment, ...info(of) },
  ],
  '`otp-verification` of an unbinding (H2H)': (of) => [
    VERIFICATION_PATH,
    { otp: OTP, action: 'otpUnbinding', ...info(of, { bankCardToken: of.bankCardToken }) },
  ],
  'Balance inquiry': (of) => [BALANCE_PATH, info(of)],
  'Cancel, on the same day': (of) => [CANCEL_PATH, { originalReferenceNo: of.payment, ...info(of) }],
  'Refund, full': (of) => [
    REFUND_PATH,
    {
      originalReferenceNo: of.paid,
      partnerRefundNo: newId().slice(-12),
      refundAmount: { value: '10000.00', currency: 'IDR' },
      ...info(of),
    },
  ],
}

for (const [place, title] of MATRIX_TITLES.entries()) {
  const rows = matrixRows().filter(([row = '', ...signs]) => row in REQUESTS && signs[place] === '–')
  test(`${title} answers 405/00 to ${rows.length} requests that it does not offer, and is asked nothing`, async (t) => {
    const folder = CHANNELS[place]
    assert.ok(folder)
    const standing = await stand(folder.slug, folder.profile)
    for (const [row = ''] of rows)
      await t.test(row, async () => {
        const [path, body] = REQUESTS[row]?.(standing) ?? []
        assert.ok(path && body)
        const { headers } = standing
        const answer = await stage.merchant.call(path, body, { headers, baseUrl })
        assert.match(answer.text, /^{"responseCode":"405\d\d00",/)
        assert.equal(answer.status, 405)
        assert.deepEqual(asked, [])
      })
  })
}

test('every request above is a row of the matrix, and a bank that is asked is noted', async () => {
  const titles = matrixRows().map(([title]) => title)
  for (const title of Object.keys(REQUESTS)) assert.ok(titles.includes(title), title)
  const paid = await stage.merchant.pay({}, { baseUrl })
  assert.equal(paid.body.responseCode, '2005400', paid.text)
  assert.deepEqual(asked, ['KARTU_KREDIT_INDONESIA_SNAP charge'])
})
