import { type Card, type CardBindBody, decryptCardData, SnapError } from '@gerbang/snap'
import { cardIdentity, cardLookup, type Identity } from '../card-token/card-token.ts'
import type { Partner } from '../partner/partner.ts'
import { Secret } from '../secret.ts'
import {
  type Asked,
  type BindOrder,
  type Keeper,
  keeperOf,
  type OrderDeps,
  orderOf,
  refuseMissing,
} from './order.ts'
import { isPhone, normalisePhone } from './phone.ts'

const ONE_TIME_TOKEN = /^\d{8}$/
const EXPIRY = /^(0[1-9]|1[0-2])\d{2}$/
/** A shorter one is the end of a number, which many cards share. */
const WHOLE_NUMBER_MIN = 12

/**
 * Turns the checked body of a card into an order, or throws the SnapError that says what stands in the way. A one-time token exists
 * inside the instruction only.
 */
export function takeOrder(deps: OrderDeps, asked: Asked<CardBindBody>, now: number): BindOrder {
  const { partner, body } = asked
  const name = body.additionalInfo?.channel
  // A channel that keeps no cards needs none to be opened; one that is not named is known by its card.
  const named = name === undefined ? undefined : keeperOf(deps.channels, 'card', { name })
  const card = openCard(partner, body)
  const keeper = named ?? keeperOf(deps.channels, 'card', { name, cardNumber: card.cardNumber })
  refuseMissing(keeper.profile, { ...body, cardData: { ...card, bankCardType: card.cardType } })
  refuseMalformed(keeper, card)
  const phoneNo = phoneOf(body, card)
  const { custIdMerchant } = body
  const identity = identityOf(deps, partner.partnerId, { card, keeper, phoneNo, custIdMerchant })
  return orderOf(
    deps,
    asked,
    { kind: 'card', number: card.cardNumber, ...identity, phoneNo, instructed: instructed(card) },
    {
      keeper,
      now,
      custIdMerchant,
      partnerReferenceNo: body.partnerReferenceNo,
      journeyId: body.journeyId,
      additionalInfo: body.additionalInfo,
      // The card itself counts and not its ciphertext, which is another one each time.
      content: { ...body, cardData: { ...card, otp: undefined } },
    },
  )
}

/** One refusal for whatever does not open: another word for a wrong padding would read the card out, block by block. */
function openCard(partner: Partner, { cardData }: CardBindBody): Card {
  const keys = partner.cardDataKeys.map((key) => key.reveal())
  const card = decryptCardData(cardData, keys)
  if (card === undefined) throw new SnapError('unauthorized', { detail: 'Card Data' })
  partner.noteCardData((key) => decryptCardData(cardData, [key]) !== undefined)
  return card
}

function refuseMalformed({ profile }: Keeper, { cardNumber, cardType, otp, expiryDate }: Card): void {
  const isNumber = profile.cardNumber?.test(cardNumber) ?? true
  const isType = profile.cardType?.test(cardType ?? '') ?? true
  const isToken = otp === undefined || ONE_TIME_TOKEN.test(otp)
  const isDate = expiryDate === undefined || EXPIRY.test(expiryDate) || !wantsExpiry(profile)
  if (!isNumber || !isType || !isToken || !isDate)
    throw new SnapError('invalidFieldFormat', { detail: 'cardData' })
}

function wantsExpiry({ requires }: Keeper['profile']): boolean {
  return requires.includes('cardData.expiryDate')
}

function phoneOf({ phoneNo }: CardBindBody, card: Card): string | undefined {
  const given = phoneNo ?? (isPhone(card.phoneNo) ? card.phoneNo : undefined)
  return given === undefined ? undefined : normalisePhone(given)
}

interface Named {
  readonly card: Card
  readonly keeper: Keeper
  readonly phoneNo: string | undefined
  readonly custIdMerchant: string
}

/** Four digits say nothing of whose card it is: with them go the telephone and the partner's customer. */
function identityOf({ vault }: OrderDeps, partnerId: string, named: Named): Identity {
  const { card, keeper, phoneNo, custIdMerchant } = named
  const { cardNumber } = card
  if (cardNumber.length >= WHOLE_NUMBER_MIN) return cardIdentity(vault, partnerId, cardNumber)
  const { name } = keeper.channel.profile
  const owner = JSON.stringify([name, cardNumber, phoneNo ?? '', custIdMerchant])
  return {
    lookup: cardLookup(vault, partnerId, owner),
    issuerNumber: '',
    lastFour: cardNumber.slice(-4),
  }
}

function instructed({ cardNumber, otp, expiryDate }: Card) {
  return {
    kind: 'card',
    cardNumber: new Secret(cardNumber),
    oneTimeToken: otp === undefined ? undefined : new Secret(otp),
    ...(expiryDate !== undefined && EXPIRY.test(expiryDate) && { expiry: new Secret(expiryDate) }),
  } as const
}
