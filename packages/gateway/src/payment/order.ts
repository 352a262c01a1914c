import { randomInt } from 'node:crypto'
import {
  formatTimestamp,
  type HeaderValues,
  type PaymentBody,
  type PaymentVariant,
  parseAmount,
  paymentVariant,
  refusalOf,
  SnapError,
} from '@gerbang/snap'
import { cardLookup } from '../card-token/card-token.ts'
import type { Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import { particularsOf } from './particulars.ts'
import type { Claimant, Order, OrderSource } from './payment.ts'

export interface OrderDeps {
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly newReferenceNo: (now: number) => string
  /** How long, in milliseconds from the claim, the network may still book the charge. */
  readonly networkExpiryMs: number
  /** How long, in milliseconds from the claim, the cardholder may confirm. */
  readonly confirmMs: number
}

/** A checked request of a partner: the body, and the headers that it may want to hear of again. */
export interface PaymentRequest {
  readonly body: PaymentBody
  readonly headers: HeaderValues
}

/**
 * Turns a checked body into an order, or throws the SnapError that says which member stands in the way. From here on
 * the card number exists sealed, hashed and inside the source; the OTT inside the source only.
 */
export function takeOrder(
  deps: OrderDeps,
  claimant: Claimant,
  request: PaymentRequest,
  now: number,
): { channel: Channel; order: Order } {
  const { body } = request
  const { variant, source } = sourceOf(body)
  const amountMinor = parseAmount(body.amount.value)
  if (amountMinor === undefined) throw new SnapError('invalidAmount')
  const channel = channelOf(deps, body)
  const referenceNo = deps.newReferenceNo(now)
  const { partnerReferenceNo, chargeToken } = body
  const { partnerId } = claimant
  const expiresAt = now + deps.networkExpiryMs
  const order: Order = {
    payment: {
      ...claimant,
      referenceNo,
      partnerReferenceNo,
      channel: channel.profile.name,
      amountMinor,
      variant,
      createdAt: now,
      expiresAt,
    },
    instruction: {
      referenceNo,
      merchantId: partnerId,
      merchantReferenceNo: partnerReferenceNo,
      amountMinor,
      expiresAt,
      confirmBy: now + deps.confirmMs,
    },
    source,
    fingerprint: fingerprintOf(deps.vault, body),
    cardSealed:
      source.kind === 'card'
        ? deps.vault.seal(source.chargeToken.reveal(), cardContext(partnerId, referenceNo))
        : null,
    cardLookup: chargeToken === undefined ? NO_CARD : cardLookup(deps.vault, partnerId, chargeToken),
    issuerNumber: chargeToken?.slice(0, 8) ?? '',
    particulars: particularsOf(request),
  }
  return { channel, order }
}

const NO_CARD = Buffer.alloc(0)

/** What the sealed card number of a payment is bound to. */
export function cardContext(partnerId: string, referenceNo: string): string {
  return `${partnerId}|${referenceNo}|card`
}

function sourceOf(body: PaymentBody): { variant: PaymentVariant; source: OrderSource } {
  const found = paymentVariant(body)
  if ('kind' in found) throw refusalOf(found)
  const { variant } = found
  const { chargeToken, otp, bankCardToken } = body
  if (bankCardToken !== undefined) {
    const isRecurring = variant === 'V4'
    // Nobody is asked for a recurring payment, so a one-time token in it says nothing.
    const oneTimeToken = isRecurring || otp === undefined ? undefined : new Secret(otp)
    return { variant, source: { kind: 'token', bankCardToken, oneTimeToken, isRecurring } }
  }
  if (chargeToken === undefined || otp === undefined) throw new SnapError('badRequest')
  const card = { chargeToken: new Secret(chargeToken), oneTimeToken: new Secret(otp) }
  return { variant, source: { kind: 'card', ...card, keepsCard: variant === 'V2' } }
}

function channelOf(deps: OrderDeps, body: PaymentBody): Channel {
  const name = body.additionalInfo?.channel
  const asked = { name, chargeToken: body.chargeToken, keepsCards: body.bankCardToken !== undefined }
  const channel = findChannel(deps.channels, asked)
  if (channel !== undefined) return channel
  throw name === undefined
    ? new SnapError('invalidMandatoryField', { detail: 'additionalInfo.channel' })
    : new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
}

const WITHOUT_TOKEN_BYTES = 30

/**
 * Which request this is. The one-time token must not be stored in any form, so it enters with two bytes only: they
 * tell another token apart 65,535 times in 65,536, and leave some 1,500 candidates even to a thief of rows and key.
 */
function fingerprintOf(vault: Vault, body: PaymentBody): Buffer {
  const text = JSON.stringify({ ...body, otp: undefined })
  const whole = vault.digest('request', text).subarray(0, WITHOUT_TOKEN_BYTES)
  const token = vault.digest('request-token', `${text}|${body.otp ?? ''}`)
  return Buffer.concat([whole, token.subarray(0, 32 - WITHOUT_TOKEN_BYTES)])
}

/** 32 digits: Jakarta time to the millisecond, which keeps the index compact, and 15 random ones. */
export function newReferenceNo(now: number): string {
  const second = formatTimestamp(now).slice(0, 19).replace(/\D/g, '')
  return `${second}${digits(now % 1000, 3)}${digits(randomInt(10 ** 7), 7)}${digits(randomInt(10 ** 8), 8)}`
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0')
}
