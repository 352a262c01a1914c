import { headerValue, type PaymentBody, parseAmount, SnapError } from '@gerbang/snap'
import { cardLookup } from '../card-token/card-token.ts'
import type { Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import type { Vault } from '../vault/vault.ts'
import { type Charge, type ChargeDeps, chargeOf } from './charge.ts'
import { particularsOf } from './particulars.ts'
import type { Claimant, Order, OrderSource, PaymentRequest } from './payment.ts'

export { newReferenceNo } from '../reference-no.ts'

export interface OrderDeps extends ChargeDeps {
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly newReferenceNo: (now: number) => string
  /** How long, in milliseconds from the claim, the network may still book the charge. */
  readonly networkExpiryMs: number
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
  const asked = askedChannel(deps, request)
  const charge = chargeOf(deps, request, { profile: asked?.profile, now })
  const { variant, source, confirmBy } = charge
  const amountMinor = parseAmount(body.amount.value)
  if (amountMinor === undefined) throw new SnapError('invalidAmount')
  const channel = asked ?? refuseChannel(body)
  const referenceNo = deps.newReferenceNo(now)
  const { partnerReferenceNo } = body
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
      confirmBy,
    },
    source,
    fingerprint: fingerprintOf(deps.vault, body, source),
    ...cardOf(deps.vault, { partnerId, referenceNo }, charge),
    particulars: particularsOf(request, charge),
  }
  return { channel, order }
}

const NO_CARD = Buffer.alloc(0)
/** A payment without any card: claims look up 32 bytes. */
const NOBODYS_CARD = Buffer.alloc(32)

/** The card that a request gives: sealed, hashed, and its issuer. A kept one is found by the claim. */
function cardOf(
  vault: Vault,
  { partnerId, referenceNo }: { readonly partnerId: string; readonly referenceNo: string },
  { source, givenCard }: Charge,
): Pick<Order, 'cardSealed' | 'cardLookup' | 'issuerNumber'> {
  if (source.kind === 'jump-app') return { cardSealed: null, cardLookup: NOBODYS_CARD, issuerNumber: '' }
  const cardSealed =
    source.kind === 'card'
      ? vault.seal(source.chargeToken.reveal(), cardContext(partnerId, referenceNo))
      : null
  if (givenCard === undefined) return { cardSealed, cardLookup: NO_CARD, issuerNumber: '' }
  return {
    cardSealed,
    cardLookup: cardLookup(vault, partnerId, givenCard),
    issuerNumber: givenCard.slice(0, 8),
  }
}

/** What the sealed card number of a payment is bound to. */
export function cardContext(partnerId: string, referenceNo: string): string {
  return `${partnerId}|${referenceNo}|card`
}

function askedChannel(deps: OrderDeps, request: PaymentRequest): Channel | undefined {
  const { body } = request
  const name = body.additionalInfo?.channel
  const asked = { name, chargeToken: body.chargeToken, keepsCards: body.bankCardToken !== undefined }
  const channel = findChannel(deps.channels, asked)
  // What else is wrong depends on whose payment it is.
  return channel ?? (name !== undefined || isNoCard(request) ? refuseChannel(body) : undefined)
}

/** Whether a body that nobody owns is plainly none about a card, the only ones that need not name their channel. */
function isNoCard({ body, headers }: PaymentRequest): boolean {
  const { urlParam, chargeToken, otp } = body
  if (urlParam !== undefined) return true
  const isOfCard = chargeToken !== undefined || otp !== undefined
  return !isOfCard && headerValue(headers, 'Authorization-Customer') !== undefined
}

function refuseChannel({ additionalInfo }: PaymentBody): never {
  const detail = 'additionalInfo.channel'
  throw new SnapError(
    additionalInfo?.channel === undefined ? 'invalidMandatoryField' : 'invalidFieldFormat',
    { detail },
  )
}

const WITHOUT_TOKEN_BYTES = 30

/**
 * Which request this is. The one-time token must not be stored in any form, so it enters with two bytes only: they
 * tell another token apart 65,535 times in 65,536, and leave some 1,500 candidates even to a thief of rows and key.
 */
function fingerprintOf(vault: Vault, body: PaymentBody, source: OrderSource): Buffer {
  // Whose account it is stands in no body of a customer's payment.
  const customer = source.kind === 'token' && source.isCustomers ? source.bankCardToken : ''
  const text = `${JSON.stringify({ ...body, otp: undefined })}${customer}`
  const whole = vault.digest('request', text).subarray(0, WITHOUT_TOKEN_BYTES)
  const token = vault.digest('request-token', `${text}|${body.otp ?? ''}`)
  return Buffer.concat([whole, token.subarray(0, 32 - WITHOUT_TOKEN_BYTES)])
}
