import { randomInt } from 'node:crypto'
import {
  formatTimestamp,
  type PaymentBody,
  parseAmount,
  paymentVariant,
  refusalOf,
  SnapError,
} from '@gerbang/snap'
import type { Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import type { Claimant, Order } from './payment.ts'

export interface OrderDeps {
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly newReferenceNo: (now: number) => string
  /** How long, in milliseconds from the claim, the network may still book the charge. */
  readonly networkExpiryMs: number
  /** How long, in milliseconds from the claim, the cardholder may confirm. */
  readonly confirmMs: number
}

/**
 * Turns a checked body into an order, or throws the SnapError that says which member stands in the way. From here on
 * the card number exists sealed, hashed and inside the instruction; the OTT inside the instruction only.
 */
export function takeOrder(
  deps: OrderDeps,
  claimant: Claimant,
  body: PaymentBody,
  now: number,
): { channel: Channel; order: Order } {
  const { chargeToken, otp } = cardOf(body)
  const amountMinor = parseAmount(body.amount.value)
  if (amountMinor === undefined) throw new SnapError('invalidAmount')
  const channel = channelOf(deps, body)
  const referenceNo = deps.newReferenceNo(now)
  const { partnerReferenceNo } = body
  const expiresAt = now + deps.networkExpiryMs
  const payment = {
    ...claimant,
    referenceNo,
    partnerReferenceNo,
    channel: channel.name,
    amountMinor,
    createdAt: now,
    expiresAt,
  }
  const order: Order = {
    payment,
    instruction: {
      referenceNo,
      merchantId: claimant.partnerId,
      merchantReferenceNo: partnerReferenceNo,
      amountMinor,
      source: {
        kind: 'card',
        chargeToken: new Secret(chargeToken),
        oneTimeToken: new Secret(otp),
        keepsCard: false,
      },
      expiresAt,
      confirmBy: now + deps.confirmMs,
    },
    fingerprint: fingerprintOf(deps.vault, body, otp),
    cardSealed: deps.vault.seal(chargeToken, `${claimant.partnerId}|${referenceNo}|card`),
    cardLookup: deps.vault.digest('card', `${claimant.partnerId}|${chargeToken}`),
    issuerNumber: chargeToken.slice(0, 8),
  }
  return { channel, order }
}

/** Only the variant with card number and one-time token is offered so far. */
function cardOf(body: PaymentBody): { chargeToken: string; otp: string } {
  const variant = paymentVariant(body)
  if ('kind' in variant) throw refusalOf(variant)
  const { chargeToken, otp } = body
  if (variant.variant !== 'V1' || chargeToken === undefined || otp === undefined) {
    throw new SnapError('requestedFunctionIsNotSupported')
  }
  return { chargeToken, otp }
}

function channelOf(deps: OrderDeps, body: PaymentBody): Channel {
  const name = body.additionalInfo?.channel
  const channel = findChannel(deps.channels, { name, chargeToken: body.chargeToken })
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
function fingerprintOf(vault: Vault, body: PaymentBody, otp: string): Buffer {
  const text = JSON.stringify({ ...body, otp: undefined })
  const whole = vault.digest('request', text).subarray(0, WITHOUT_TOKEN_BYTES)
  const token = vault.digest('request-token', `${text}|${otp}`).subarray(0, 32 - WITHOUT_TOKEN_BYTES)
  return Buffer.concat([whole, token])
}

/** 32 digits: Jakarta time to the millisecond, which keeps the index compact, and 15 random ones. */
export function newReferenceNo(now: number): string {
  const second = formatTimestamp(now).slice(0, 19).replace(/\D/g, '')
  return `${second}${digits(now % 1000, 3)}${digits(randomInt(10 ** 7), 7)}${digits(randomInt(10 ** 8), 8)}`
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0')
}
