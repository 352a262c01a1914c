import { type Card, type CardBindBody, decryptCardData, SnapError } from '@gerbang/snap'
import { cardLookup } from '../card-token/card-token.ts'
import type { BindInstruction, Bindings, Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import type { Partner } from '../partner/partner.ts'
import type { AskedRequest } from '../request-id/sealed-reply.ts'
import { readReturnUrl } from '../return-url.ts'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import { authCodeLookup, authCodeOf } from './auth-code.ts'
import type { Binding, Flow } from './binding.ts'
import { isPhone, maskPhone, normalisePhone } from './phone.ts'
import { cardContext } from './settle.ts'

export interface OrderDeps {
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly newReferenceNo: (now: number) => string
  /** How long, in milliseconds from the claim, the network may still act on the wish. */
  readonly networkExpiryMs: number
  /** When the binding is looked after if its request cannot, in milliseconds from the claim. */
  readonly longestRequestMs: number
  /** Whether customers may be sent back to hosts that only this network knows. */
  readonly allowsPrivateHosts: boolean
}

/** Who asks for what, and by which way the code is to come back. */
export interface Asked {
  readonly partner: Partner
  readonly externalId: string
  readonly flow: Flow
  readonly body: CardBindBody
}

/** A request to keep a card that passed every check, about to be claimed. */
export interface BindOrder {
  readonly request: AskedRequest
  readonly binding: Binding
  readonly cards: Bindings
  readonly instruction: BindInstruction
}

const CARD_NUMBER = /^9360\d{12,16}$/
const ONE_TIME_TOKEN = /^\d{8}$/

/**
 * Turns a checked body into an order, or throws the SnapError that says what stands in the way. From here on the card number
 * exists sealed, hashed and inside the instruction; a one-time token inside the instruction only.
 */
export function takeOrder(deps: OrderDeps, asked: Asked, now: number): BindOrder {
  const { partner, externalId, flow, body } = asked
  const { partnerId } = partner
  const card = openCard(partner, body)
  const { channel, cards } = channelOf(deps, body, card.cardNumber)
  if (!CARD_NUMBER.test(card.cardNumber)) throw new SnapError('invalidFieldFormat', { detail: 'cardData' })
  const phoneNo = phoneOf(body, card)
  const referenceNo = deps.newReferenceNo(now)
  const expiresAt = now + deps.networkExpiryMs
  const binding: Binding = {
    ...EMPTY,
    partnerId,
    referenceNo,
    externalId,
    partnerReferenceNo: body.partnerReferenceNo,
    journeyId: body.journeyId,
    channel: channel.profile.name,
    flow,
    custIdMerchant: body.custIdMerchant,
    cardLookup: cardLookup(deps.vault, partnerId, card.cardNumber),
    cardSealed: deps.vault.seal(card.cardNumber, cardContext({ partnerId, referenceNo })),
    issuerNumber: card.cardNumber.slice(0, 8),
    lastFour: card.cardNumber.slice(-4),
    phoneMasked: phoneNo && maskPhone(phoneNo),
    authCodeLookup: authCodeLookup(
      deps.vault,
      partnerId,
      authCodeOf(deps.vault, { partnerId, referenceNo, createdAt: now }),
    ),
    ...returnUrls(body, deps.allowsPrivateHosts),
    createdAt: now,
    expiresAt,
    dueAt: now + deps.longestRequestMs,
  }
  const request: AskedRequest = {
    partnerId,
    profile: partner.profile,
    operation: 'registration-card-bind',
    externalId,
    claimedAt: now,
    fingerprint: fingerprintOf(deps.vault, { body, card, flow }),
  }
  return { request, binding, cards, instruction: instructionOf(binding, { card, phoneNo }) }
}

const EMPTY = {
  state: 'submitted',
  sequence: 0,
  outcome: undefined,
  networkReferenceNo: undefined,
  networkCode: undefined,
  bankCardToken: undefined,
  attempts: 0,
  trying: undefined,
  resends: 0,
  otpSentAt: undefined,
  otpExpiresAt: undefined,
  inquiries: 0,
  settledAt: undefined,
} as const

/** One refusal for whatever does not open: another word for a wrong padding would read the card out, block by block. */
function openCard(partner: Partner, { cardData }: CardBindBody): Card {
  const keys = partner.cardDataKeys.map((key) => key.reveal())
  const card = decryptCardData(cardData, keys)
  if (card === undefined) throw new SnapError('unauthorized', { detail: 'Card Data' })
  return card
}

function channelOf(
  deps: OrderDeps,
  body: CardBindBody,
  cardNumber: string,
): { channel: Channel; cards: Bindings } {
  const name = body.additionalInfo?.channel
  const channel = findChannel(deps.channels, { name, chargeToken: cardNumber })
  if (channel === undefined) {
    throw new SnapError(name === undefined ? 'invalidMandatoryField' : 'invalidFieldFormat', {
      detail: 'additionalInfo.channel',
    })
  }
  if (channel.bindings === undefined) throw new SnapError('requestedFunctionIsNotSupported')
  return { channel, cards: channel.bindings }
}

function phoneOf({ phoneNo }: CardBindBody, card: Card): string | undefined {
  const given = phoneNo ?? (isPhone(card.phoneNo) ? card.phoneNo : undefined)
  return given === undefined ? undefined : normalisePhone(given)
}

function returnUrls({ additionalInfo }: CardBindBody, allowsPrivate: boolean) {
  const read = (member: 'successRegistrationUrl' | 'failedRegistrationUrl') => {
    const text = additionalInfo?.[member]
    if (text === undefined) return undefined
    const url = readReturnUrl(text, allowsPrivate)
    if (url === undefined || url.length > URL_MAX)
      throw new SnapError('invalidFieldFormat', { detail: `additionalInfo.${member}` })
    return url
  }
  return { successUrl: read('successRegistrationUrl'), failedUrl: read('failedRegistrationUrl') }
}

const URL_MAX = 1024

function instructionOf(
  binding: Binding,
  { card, phoneNo }: { card: Card; phoneNo: string | undefined },
): BindInstruction {
  const { otp } = card
  if (otp !== undefined && !ONE_TIME_TOKEN.test(otp))
    throw new SnapError('invalidFieldFormat', { detail: 'cardData' })
  return {
    referenceNo: binding.referenceNo,
    merchantId: binding.partnerId,
    merchantReferenceNo: binding.partnerReferenceNo ?? binding.referenceNo,
    customerId: binding.custIdMerchant,
    subject: {
      kind: 'card',
      cardNumber: new Secret(card.cardNumber),
      oneTimeToken: otp === undefined ? undefined : new Secret(otp),
    },
    phoneNo: phoneNo === undefined ? undefined : new Secret(phoneNo),
    expiresAt: binding.expiresAt,
  }
}

/**
 * Which request this is: the card itself counts and not its ciphertext, which is another one each time. A one-time token must
 * not be stored in any form and stays out.
 */
function fingerprintOf(
  vault: Vault,
  { body, card, flow }: { body: CardBindBody; card: Card; flow: Flow },
): Buffer {
  const text = JSON.stringify({ ...body, cardData: { ...card, otp: undefined }, flow })
  return vault.digest('request', text)
}
