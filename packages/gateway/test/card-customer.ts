import assert from 'node:assert/strict'
import { createCipheriv, createHash, randomBytes, randomInt } from 'node:crypto'
import type { Answer, CallChanges, Merchant } from './merchant.ts'
import { newId } from './merchant.ts'
import type { Stage } from './stage.ts'

export const BIND_PATH = '/direct-debit/core/v1/registration-card-bind'
export const OTP_PATH = '/direct-debit/core/v1/otp'
export const VERIFY_PATH = '/direct-debit/core/v1/otp-verification'
export const H2H = { 'CHANNEL-ID': 'H2H' }

/** `base64(AES-128-CBC)|base64(IV)` as DOKU's libraries write it, from the specification. */
export function cardDataOf(card: object, secret: string, iv = randomBytes(16)): string {
  const key = secret.slice(0, 16).padEnd(16, '-')
  const cipher = createCipheriv('aes-128-cbc', key, iv)
  const text = Buffer.concat([cipher.update(JSON.stringify(card)), cipher.final()])
  return `${text.toString('base64')}|${iv.toString('base64')}`
}

/** The other form: what `openssl enc -aes-256-cbc -md sha256 -salt -a -A -k secret` writes. */
export function saltedCardDataOf(card: object, secret: string): string {
  const salt = randomBytes(8)
  let made = Buffer.alloc(0)
  for (let block = made; made.length < 48; made = Buffer.concat([made, block]))
    block = createHash('sha256').update(block).update(secret).update(salt).digest()
  const cipher = createCipheriv('aes-256-cbc', made.subarray(0, 32), made.subarray(32, 48))
  const text = Buffer.concat([cipher.update(JSON.stringify(card)), cipher.final()])
  return Buffer.concat([Buffer.from('Salted__'), salt, text]).toString('base64')
}

export function aCardNumber(): string {
  return `93600002${Array.from({ length: 11 }, () => randomInt(1, 9)).join('')}`
}

/** A card of the simulator's that nobody else uses, so that a test may block it. */
export async function newCard(stage: Pick<Stage, 'simulator'>): Promise<string> {
  const cardNumber = aCardNumber()
  const body = JSON.stringify({ cardNumber, limit: null })
  const response = await fetch(`${stage.simulator.url}/_sim/accounts`, { method: 'PUT', body })
  assert.equal(response.status, 200)
  return cardNumber
}

export interface BindWish {
  readonly cardNumber: string
  readonly custIdMerchant?: string
  /** Instead of the body's members, or besides them. */
  readonly body?: object
  /** Besides the number, inside the encryption. */
  readonly card?: object
}

export function aBinding({ keys }: Merchant, { cardNumber, custIdMerchant, body, card }: BindWish) {
  return {
    cardData: cardDataOf({ bankCardNo: cardNumber, bankCardType: 'C', ...card }, keys.clientSecret),
    custIdMerchant: custIdMerchant ?? `CUST${newId()}`,
    phoneNo: '081112345634',
    additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    ...body,
  }
}

export function bind(merchant: Merchant, wish: BindWish, more: CallChanges = {}): Promise<Answer> {
  return merchant.call(BIND_PATH, aBinding(merchant, wish), { headers: H2H, ...more })
}

/** A binding whose cardholder has a code. */
export async function bound(stage: Stage, wish: Partial<BindWish> = {}, more: CallChanges = {}) {
  const cardNumber = wish.cardNumber ?? (await newCard(stage))
  const answer = await bind(stage.merchant, { ...wish, cardNumber }, more)
  assert.equal(answer.body.responseCode, '2000100', answer.text)
  return { cardNumber, answer, referenceNo: answer.body.referenceNo as string }
}

export function verify(
  merchant: Merchant,
  referenceNo: string,
  otp: string,
  more: CallChanges = {},
): Promise<Answer> {
  return merchant.call(VERIFY_PATH, { otp, originalReferenceNo: referenceNo }, more)
}

export function resend(merchant: Merchant, referenceNo: string, more: CallChanges = {}): Promise<Answer> {
  return merchant.call(OTP_PATH, { originalReferenceNo: referenceNo }, more)
}

interface Message {
  readonly phone: string
  readonly code: string
}

/** The codes on the cardholder's telephone for that binding, the newest first. */
export async function messagesOf(
  { simulator }: Pick<Stage, 'simulator'>,
  referenceNo: string,
): Promise<Message[]> {
  const response = await fetch(`${simulator.url}/_sim/inbox?referenceNo=${referenceNo}`)
  return (await response.json()) as Message[]
}

export async function codeOf(stage: Pick<Stage, 'simulator'>, referenceNo: string): Promise<string> {
  const [newest] = await messagesOf(stage, referenceNo)
  assert.ok(newest, 'a code has come')
  return newest.code
}

/** `count` codes that are wrong, and mean nothing to the simulator. */
export function wrongCodes(right: string, count: number): string[] {
  const codes = ['400001', '400002', '400003', '400004', '400005', '400006', '400007', '400008']
  return codes.filter((code) => code !== right).slice(0, count)
}

export interface BindingRow {
  readonly state: string
  readonly attempts: number
  readonly resends: number
  readonly sequence: number
  readonly card_sealed: string | null
  readonly bank_card_token: string | null
  readonly phone_masked: string | null
  readonly outcome: string | null
}

export async function rowOf({ query }: Pick<Stage, 'query'>, referenceNo: string): Promise<BindingRow> {
  const [row] = await query<BindingRow>('select * from bindings where reference_no = $1', [referenceNo])
  assert.ok(row, 'the binding has a row')
  return row
}

export async function eventsOf({ query }: Pick<Stage, 'query'>, referenceNo: string) {
  return query<{ type: string; sequence: number; body: Record<string, string> }>(
    'select type, sequence, body from outbox where reference_no = $1 order by sequence',
    [referenceNo],
  )
}

/** Asks until the binding stands as wanted, at most for ten seconds. */
export async function untilStands(
  stage: Pick<Stage, 'query'>,
  referenceNo: string,
  state: string,
): Promise<BindingRow> {
  const until = Date.now() + 10_000
  for (;;) {
    const row = await rowOf(stage, referenceNo)
    if (row.state === state) return row
    assert.ok(Date.now() < until, `stands as ${row.state} and not as ${state}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}
