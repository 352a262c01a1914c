import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { authCodeLookup, authCodeOf } from '../src/binding/auth-code.ts'
import { cardLookup, keepCard } from '../src/card-token/card-token.ts'
import type { Bindings, Channel } from '../src/channels/channel.ts'
import { openChannels } from '../src/channels/index.ts'
import { openConfiguredVault } from '../src/config.ts'
import { openDatabase } from '../src/database/pool.ts'
import { newReferenceNo } from '../src/payment/order.ts'
import { Secret } from '../src/secret.ts'
import { redeem } from './customer.ts'
import { type Answer, type CallChanges, type Merchant, newId, PAYMENT_PATH } from './merchant.ts'
import type { Stage } from './stage.ts'

/** An account or card that a customer of the merchant keeps at a bank of the simulator, and the customer's token for it. */
export interface KeptAccount {
  readonly bankCardToken: string
  readonly customerToken: string
  readonly authCode: string
  readonly headers: Readonly<Record<string, string>>
  readonly phoneNo: string
}

export const OTP = '111000'
export const WRONG_OTP = '222003'
export const PIN = '123456'

export interface AccountOfCustomer {
  readonly merchant?: Merchant
  readonly phoneNo?: string
}

/** Somebody with a hundred million rupiah and nothing else that is known. */
export function anybodysPhone(): string {
  return `628${String(randomInt(1e9, 9e9))}`
}

/** Keeps an account at the bank of that slug, and writes what the binding leaves in the database. */
export async function keepAccount(
  stage: Stage,
  slug: string,
  { merchant = stage.merchant, phoneNo = anybodysPhone() }: AccountOfCustomer = {},
): Promise<KeptAccount> {
  const [channel] = openChannels({
    opened: [slug],
    network: { url: stage.simulator.url, key: stage.config.networkKey, connections: 2 },
    urls: {},
  })
  assert.ok(channel?.bindings)
  const { partnerId } = merchant.keys
  const networkToken = await bindAt(channel, channel.bindings, { partnerId, phoneNo })
  await channel.close()
  const { bankCardToken, authCode } = await write(stage, { partnerId, channel, phoneNo, networkToken })
  const { body } = await redeem(merchant, authCode)
  const customerToken = body.accessToken as string
  return {
    bankCardToken,
    customerToken,
    authCode,
    phoneNo,
    headers: { 'Authorization-Customer': customerToken },
  }
}

async function bindAt(
  { profile }: Channel,
  bindings: Bindings,
  { partnerId, phoneNo }: { partnerId: string; phoneNo: string },
): Promise<Secret> {
  const referenceNo = newReferenceNo(Date.now())
  const cards: Readonly<Record<string, string>> = { BRI: '7801', MANDIRI: '4616990000007801' }
  const number = cards[profile.acquirer]
  const asked = await bindings.bind(
    {
      referenceNo,
      merchantId: partnerId,
      merchantReferenceNo: referenceNo,
      customerId: 'CUST001',
      subject:
        number === undefined
          ? { kind: 'account', device: {} }
          : {
              kind: 'card',
              cardNumber: new Secret(number),
              oneTimeToken: undefined,
              expiry: new Secret('1230'),
            },
      phoneNo: new Secret(phoneNo),
      expiresAt: Date.now() + 86_400_000,
    },
    5_000,
  )
  assert.notEqual(asked.kind, 'unresolved', JSON.stringify(asked))
  if (profile.binding?.isOtpAskedFor) await bindings.resendOtp(referenceNo, 5_000)
  const step = (name: 'otp' | 'pin', code: string) =>
    bindings.verifyOtp({ referenceNo, step: name, attempt: 1, code: new Secret(code) }, 5_000)
  let answer = await step('otp', OTP)
  if (answer.kind === 'pin-wanted') answer = await step('pin', PIN)
  assert.equal(answer.kind, 'bound', JSON.stringify(answer))
  return answer.kind === 'bound' ? answer.networkToken : new Secret('')
}

async function write(
  stage: Stage,
  kept: { partnerId: string; channel: Channel; phoneNo: string; networkToken: Secret },
): Promise<{ bankCardToken: string; authCode: string }> {
  const { partnerId, phoneNo, networkToken } = kept
  const channel = kept.channel.profile.name
  const database = openDatabase({ url: stage.databaseUrl, connections: 1, timeoutMs: 10_000 })
  const vault = openConfiguredVault(stage.config)
  const at = Date.now()
  const referenceNo = `BIND${newId()}`
  const authCode = authCodeOf(vault, { partnerId, referenceNo, createdAt: at })
  const lookup = cardLookup(vault, partnerId, `${channel}|${phoneNo}`)
  const identity = { lookup, issuerNumber: '', lastFour: phoneNo.slice(-4) }
  try {
    const bankCardToken = await database.transaction(async (sql) => {
      const token = await keepCard(sql, vault, {
        partnerId,
        channel,
        cardNumber: new Secret(phoneNo),
        identity,
        networkToken,
        at,
      })
      await sql`
        insert into bindings (partner_id, reference_no, external_id, request_date, channel, flow, cust_id_merchant, card_lookup,
          issuer_number, last_four, auth_code_lookup, state, bank_card_token, created_at, expires_at, settled_at, kind)
        values (${partnerId}, ${referenceNo}, ${newId()}, current_date, ${channel}, 'DH', 'CUST001', ${lookup}, '',
          ${identity.lastFour}, ${authCodeLookup(vault, partnerId, authCode)}, 'active', ${token}, ${new Date(at)},
          ${new Date(at + 300_000)}, ${new Date(at)}, 'account')`
      return token
    })
    return { bankCardToken, authCode }
  } finally {
    await database.close()
  }
}

/** A payment of a channel as DOKU's pages show it. */
export function aDebit(channel: string, changes: object = {}, info: object = {}) {
  return {
    partnerReferenceNo: String(randomInt(1e11, 9e11)),
    amount: { value: '10000.00', currency: 'IDR' },
    ...changes,
    additionalInfo: {
      channel,
      remarks: 'Kopi',
      successPaymentUrl: 'www.merchant.com/success',
      failedPaymentUrl: 'www.merchant.com/failed',
      ...info,
    },
  }
}

export const CIMB = 'DIRECT_DEBIT_CIMB_SNAP'
export const OTP_PATH = '/direct-debit/core/v1/otp'
export const VERIFICATION_PATH = '/direct-debit/core/v1/otp-verification'
export const H2H = { 'X-CHANNEL-ID': 'H2H' }

export function debit(
  { merchant }: Stage,
  account: KeptAccount,
  body: object,
  { headers, ...more }: CallChanges = {},
): Promise<Answer> {
  return merchant.call(PAYMENT_PATH, body, { ...more, headers: { ...account.headers, ...headers } })
}

export function verify(
  { merchant }: Stage,
  account: KeptAccount,
  body: object,
  { headers, ...more }: CallChanges = {},
): Promise<Answer> {
  const whole = {
    otp: OTP,
    action: 'otpPayment',
    ...body,
    additionalInfo: { channel: CIMB, bankCardToken: account.customerToken },
    ...('additionalInfo' in body ? { additionalInfo: body.additionalInfo } : {}),
  }
  return merchant.call(VERIFICATION_PATH, whole, { ...more, headers: { ...account.headers, ...headers } })
}

/** Waits until the row stands as wanted, ten seconds at most. */
export async function stateOf(stage: Stage, partnerReferenceNo: string, wanted?: string): Promise<string> {
  for (const until = Date.now() + 10_000; ; await wait(50)) {
    const [row] = await stage.query<{ state: string }>(
      'select state from payments where partner_reference_no = $1 order by created_at desc limit 1',
      [partnerReferenceNo],
    )
    const state = row?.state ?? 'none'
    if (wanted === undefined || state === wanted || Date.now() > until) return state
  }
}

export const CANCEL_PATH = '/direct-debit/core/v1/debit/cancel'
export const BALANCE_PATH = '/direct-debit/core/v1/balance-inquiry'
export const REFUND_PATH = '/direct-debit/core/v1/debit/refund'
export const MANDIRI = 'DIRECT_DEBIT_MANDIRI_SNAP'

/** A recurring payment that is paid at once. */
export async function paidAtOnce(stage: Stage, account: KeptAccount, channel: string) {
  const body = aDebit(channel, {}, { paymentType: 'RECURRING' })
  const answer = await debit(stage, account, body)
  assert.equal(answer.body.responseCode, '2005400', answer.text)
  return { ...body, referenceNo: answer.body.referenceNo as string }
}
