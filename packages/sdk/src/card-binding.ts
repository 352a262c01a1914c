import { encryptCardData } from '@gerbang/snap/card-data'
import { objectMember, textMember } from './answers.ts'
import { type CardChannel, KKI } from './channels.ts'
import { checkReference, demand, present } from './field-rules.ts'
import { conceal, type Operation, type Replied, replied } from './operation.ts'

const PATH = '/direct-debit/core/v1/registration-card-bind'

/** A card in the clear. It is encrypted before it leaves the process, and kept nowhere. */
export interface CardToBind {
  /** CPAN: the 16 to 20 digits of the card. Other channels say what they want, as the last four digits. */
  readonly cardNumber: string
  /** OTT, when the issuer wants it for keeping the card, too. */
  readonly otp?: string
  /** MMYY. Banks want it. */
  readonly expiryDate?: string
  /** `C`, a credit card, when absent with Kartu Kredit Indonesia; else `D`, a debit card. */
  readonly cardType?: string
  readonly identificationNo?: string
  readonly identificationType?: string
  readonly email?: string
}

export interface CardBindOrder {
  /** Kartu Kredit Indonesia when absent. */
  readonly channel?: CardChannel
  readonly card: CardToBind
  /** Your number of the customer, 1 to 64 letters and digits. */
  readonly custIdMerchant: string
  /** Who asks for the code: the gateway's `page` (the default), or your own, from `host-to-host`. */
  readonly flow?: 'page' | 'host-to-host'
  /** Where the code is sent: 628… or 08…. */
  readonly phoneNo?: string
  readonly partnerReferenceNo?: string
  /** Ties the calls of one linking together. */
  readonly journeyId?: string
  /** Where the page sends the customer afterwards. */
  readonly successUrl?: string
  readonly failedUrl?: string
  readonly customerName?: string
  readonly email?: string
  /** The key that was agreed for cards; the client secret when absent. */
  readonly sharedKey?: string
  /** Sent as it stands; `channel` is filled in when absent, and wins over the members above. */
  readonly additionalInfo?: Readonly<Record<string, unknown>>
  readonly externalId?: string
}

export interface CardBinding extends Replied {
  /** A card is never kept before its holder has given the code. */
  readonly status: 'pending'
  /** The gateway's number of the binding, for `verifyOtp()` and `resendOtp()`. */
  readonly referenceNo: string | undefined
  /** With the flow `page`: send the customer there. */
  readonly redirectUrl: string | undefined
  /** With the flow `host-to-host`; later the key of `customerToken()`. */
  readonly authCode: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function cardBinding(order: CardBindOrder, clientSecret: string): Operation<CardBinding> {
  const { channel = KKI, card, custIdMerchant, flow = 'page', sharedKey = clientSecret } = order
  demand(/^[a-zA-Z0-9]{1,64}$/.test(custIdMerchant), 'custIdMerchant', 'must be 1 to 64 letters and digits.')
  demand(flow === 'page' || flow === 'host-to-host', 'flow', 'must be "page" or "host-to-host".')
  demand(sharedKey !== '', 'sharedKey', 'must not be empty.')
  const { phoneNo, partnerReferenceNo, journeyId } = order
  demand(
    phoneNo === undefined || /^(?:\+?62|0)8\d{7,13}$/.test(phoneNo),
    'phoneNo',
    'must be a mobile number such as 6281234567890 or 081234567890.',
  )
  if (partnerReferenceNo !== undefined) checkReference('partnerReferenceNo', partnerReferenceNo)
  return {
    path: PATH,
    subject: 'card',
    headers: { 'channel-id': flow === 'page' ? 'DH' : 'H2H' },
    externalId: order.externalId,
    body: {
      cardData: encryptCardData(plaintext(card, channel), sharedKey),
      custIdMerchant,
      ...present({ phoneNo, partnerReferenceNo, journeyId }),
      additionalInfo: {
        channel,
        ...present({
          successRegistrationUrl: order.successUrl,
          failedRegistrationUrl: order.failedUrl,
          customerName: order.customerName,
          email: order.email,
        }),
        ...order.additionalInfo,
      },
    },
    read: (answer, externalId) =>
      conceal({
        status: 'pending',
        referenceNo: textMember(answer.body, 'referenceNo'),
        redirectUrl: textMember(answer.body, 'redirectUrl'),
        authCode: textMember(objectMember(answer.body, 'additionalInfo'), 'authCode'),
        ...replied(answer, externalId),
      }),
  }
}

function plaintext(card: CardToBind, channel: CardChannel): Record<string, unknown> {
  const {
    cardNumber,
    otp,
    expiryDate,
    cardType = channel === KKI ? 'C' : 'D',
    identificationNo,
    identificationType,
    email,
  } = card
  if (channel === KKI)
    demand(
      /^9360\d{12,16}$/.test(cardNumber),
      'card.cardNumber',
      'must be 16 to 20 digits that begin with 9360.',
    )
  else demand(/^\d{4,20}$/.test(cardNumber), 'card.cardNumber', 'must be 4 to 20 digits.')
  demand(otp === undefined || /^\d{8}$/.test(otp), 'card.otp', 'must be 8 digits.')
  demand(
    expiryDate === undefined || /^(0[1-9]|1[0-2])\d{2}$/.test(expiryDate),
    'card.expiryDate',
    'must be the month and the year, MMYY.',
  )
  return present({
    bankCardNo: cardNumber,
    bankCardType: cardType,
    expiryDate,
    identificationNo,
    identificationType,
    email,
    otp,
  })
}
