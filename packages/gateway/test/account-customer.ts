import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { codeOf, rowOf } from './card-customer.ts'
import { type Answer, type CallChanges, type Merchant, newId } from './merchant.ts'
import { Browser } from './scriptless-browser.ts'
import type { Stage } from './stage.ts'

export const ACCOUNT_BIND_PATH = '/direct-debit/core/v1/registration-account-binding'
export const ACCOUNT_UNBIND_PATH = '/direct-debit/core/v1/registration-account-unbinding'
/** What a stage has to open for the tests of accounts and of cards that banks keep. */
export const ACCOUNT_CHANNELS = { GERBANG_CHANNELS: 'kki,cimb,allo,ovo,bri,mandiri,dana' }
export const CIMB = 'DIRECT_DEBIT_CIMB_SNAP'
export const ALLO = 'DIRECT_DEBIT_ALLO_SNAP'
export const OVO = 'EMONEY_OVO_SNAP'
/** Of every customer of the simulator's banks, unless people.json says otherwise. */
export const PIN = '123456'

/** A telephone of the simulator's that nobody else has: `628…`. */
export function newPhone(): string {
  return `62857${String(randomInt(1e8)).padStart(8, '1')}`
}

export interface AccountWish {
  readonly phoneNo?: string
  readonly custIdMerchant?: string | undefined
  readonly channel?: string | undefined
  /** Instead of the members of additionalInfo, or besides them. */
  readonly info?: object
}

export function anAccountBinding({ phoneNo, custIdMerchant, channel, info }: AccountWish = {}) {
  return {
    phoneNo: phoneNo ?? newPhone(),
    additionalInfo: {
      channel: channel ?? CIMB,
      custIdMerchant: custIdMerchant ?? `CUST${newId()}`,
      successRegistrationUrl: 'https://shop.example/linked',
      failedRegistrationUrl: 'shop.example/not-linked',
      ...info,
    },
  }
}

export function bindAccount(merchant: Merchant, wish: AccountWish = {}, more?: CallChanges): Promise<Answer> {
  return merchant.call(ACCOUNT_BIND_PATH, anAccountBinding(wish), more)
}

/** A binding whose customer has a code, and sees the page. */
export async function askedAccount(stage: Stage, wish: AccountWish = {}, merchant = stage.merchant) {
  const asked = { phoneNo: newPhone(), custIdMerchant: `CUST${newId()}`, ...wish }
  const answer = await bindAccount(merchant, asked)
  assert.equal(answer.body.responseCode, '2000700', answer.text)
  const browser = await new Browser(answer.body.redirectUrl).get()
  const { referenceNo, additionalInfo } = answer.body
  return { ...asked, answer, browser, referenceNo, authCode: additionalInfo.authCode as string }
}

/** The same, with the right code given: the page asks for the PIN. */
export async function askedForPin(stage: Stage, wish: AccountWish = {}, merchant = stage.merchant) {
  const asked = await askedAccount(stage, wish, merchant)
  await asked.browser.post({ action: 'verify', code: await codeOf(stage, asked.referenceNo) })
  assert.equal((await rowOf(stage, asked.referenceNo)).state, 'pin_wanted')
  return asked
}

/** A kept account, with its token and a token of its customer's. */
export async function keptAccount(stage: Stage, wish: AccountWish = {}, merchant = stage.merchant) {
  const asked = await askedForPin(stage, wish, merchant)
  await asked.browser.post({ action: 'verify', code: PIN })
  const { state, bank_card_token: bankCardToken } = await rowOf(stage, asked.referenceNo)
  assert.equal(state, 'active')
  assert.ok(bankCardToken)
  return { ...asked, bankCardToken }
}

export function unbindAccount(
  merchant: Merchant,
  tokenId: string,
  { channel, ...more }: CallChanges & { readonly channel?: string } = {},
): Promise<Answer> {
  return merchant.call(ACCOUNT_UNBIND_PATH, { tokenId, additionalInfo: { channel: channel ?? CIMB } }, more)
}
