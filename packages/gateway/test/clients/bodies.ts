import { createCipheriv, randomBytes } from 'node:crypto'
import type { Call, Client } from './client.ts'
import { type Json, writeJson } from './write-json.ts'

/** What a merchant asks its library for; the library makes of it what it makes of everything. */
export interface Wish {
  readonly channel: string
  readonly [member: string]: Json | undefined
}

/** How a library writes a member that the merchant left out. */
type Unset = null | '' | undefined

interface Members {
  /** Of the body, in the order of the library's class. */
  readonly body: readonly string[]
  /** Of additionalInfo. */
  readonly info: readonly string[]
}

const CUSTOMER = ['customerName', 'email', 'idCard', 'country', 'address', 'dateOfBirth']
const KEPT_URLS = ['successRegistrationUrl', 'failedRegistrationUrl']
const DEVICE = ['deviceModel', 'osType', 'channelId']

/** What each call says, whoever says it. */
export const MEMBERS: Readonly<Record<Call, Members>> = {
  account_binding: {
    body: ['phoneNo'],
    info: ['channel', 'custIdMerchant', ...CUSTOMER, ...KEPT_URLS, ...DEVICE],
  },
  account_unbinding: { body: ['tokenId'], info: ['channel'] },
  card_registration: {
    body: ['cardData', 'custIdMerchant', 'phoneNo'],
    info: ['channel', ...CUSTOMER, ...KEPT_URLS],
  },
  card_unbinding: { body: ['tokenId'], info: ['channel'] },
  payment: {
    body: ['partnerReferenceNo', 'feeType', 'amount', 'chargeToken', 'payOptionDetails'],
    info: ['channel', 'remarks', 'successPaymentUrl', 'failedPaymentUrl', 'lineItems', 'paymentType'],
  },
  payment_jump_app: {
    body: ['partnerReferenceNo', 'validUpTo', 'pointOfInitiation', 'urlParam', 'amount'],
    info: ['channel', 'orderTitle', 'metadata', 'supportDeepLinkCheckoutUrl'],
  },
  balance_inquiry: { body: [], info: ['channel'] },
  refund: {
    body: ['originalPartnerReferenceNo', 'originalExternalId', 'refundAmount', 'reason', 'partnerRefundNo'],
    info: ['channel'],
  },
  check_status: {
    body: [
      'originalPartnerReferenceNo',
      'originalReferenceNo',
      'originalExternalId',
      'serviceCode',
      'transactionDate',
      'amount',
      'merchantId',
      'subMerchantId',
      'externalStoreId',
    ],
    info: ['deviceId', 'channel'],
  },
}

const leaveOut = (): Unset => undefined
const writeNull = (): Unset => null

/** Members that Go's structs write although they are empty. */
const GO_EMPTY: Partial<Record<Call, readonly string[]>> = {
  account_binding: [...CUSTOMER, ...DEVICE],
  card_registration: CUSTOMER,
  payment: ['feeType', 'chargeToken', 'paymentType'],
}

const UNSET: Readonly<Record<Client['name'], (call: Call, member: string) => Unset>> = {
  node: leaveOut,
  // Its validation wants a chargeToken for every channel.
  java: (call, member) => (call === 'payment' && member === 'chargeToken' ? '' : undefined),
  python: writeNull,
  php: (call, member) => (call === 'refund' && member === 'originalExternalId' ? '' : null),
  go: (call, member) => (GO_EMPTY[call]?.includes(member) ? '' : undefined),
}

/** Python's binding forgets the customer's name. */
const LOST: Partial<Record<Client['name'], readonly string[]>> = { python: ['customerName'] }

/** The body of a call as that library makes it of what a merchant gave. */
export function bodyOf(client: Client, call: Call, wish: Wish): Json {
  const take = (members: readonly string[]) => {
    const kept = members.filter(
      (member) => !(call === 'account_binding' && LOST[client.name]?.includes(member)),
    )
    return Object.fromEntries(
      kept.map((member) => [member, wish[member] ?? UNSET[client.name](call, member)]),
    )
  }
  const { body, info } = MEMBERS[call]
  const amount = client.name === 'go' && call === 'check_status' ? { amount: {} } : {}
  const serviceCode = call === 'check_status' ? { serviceCode: '55' } : {}
  return {
    ...take(body),
    ...amount,
    ...serviceCode,
    additionalInfo: { ...take(info), origin: client.origin },
  }
}

/** A card as it stands inside the encryption, in each library's order. */
const CARD_MEMBERS = {
  long: ['bankCardNo', 'bankCardType', 'expiryDate', 'identificationNo', 'identificationType', 'email'],
  short: ['bankCardNo', 'bankCardType', 'identificationNo', 'identificationType', 'email', 'expiryDate'],
}

/** `base64(AES-128-CBC)|base64(IV)` of the card, written as that library writes it. */
export function cardDataOf(client: Client, card: Readonly<Record<string, string>>, secret: string): string {
  const isShort = client.name === 'go' || client.name === 'python'
  const members = isShort ? CARD_MEMBERS.short : CARD_MEMBERS.long
  const unset = client.name === 'python' || client.name === 'php' ? null : undefined
  const plain = Object.fromEntries(members.map((member) => [member, card[member] ?? unset]))
  const iv = randomBytes(16)
  const cipher = createCipheriv('aes-128-cbc', secret.slice(0, 16).padEnd(16, '-'), iv)
  const text =
    client.name === 'python'
      ? writeJson(plain, { comma: ', ', colon: ': ' })
      : client.sends(plain, 'card_registration')
  return `${Buffer.concat([cipher.update(text), cipher.final()]).toString('base64')}|${iv.toString('base64')}`
}
