import { textMember } from './answers.ts'
import { type CardChannel, KKI } from './channels.ts'
import { checkReference, checkToken, present } from './field-rules.ts'
import { ipHeader } from './headers.ts'
import { conceal, type Operation, type Replied, replied } from './operation.ts'

const PATH = '/direct-debit/core/v1/registration-card-unbind'

export interface CardUnbindOrder {
  /** Kartu Kredit Indonesia when absent. */
  readonly channel?: CardChannel
  readonly bankCardToken: string
  readonly partnerReferenceNo?: string
  /** The customer's, when you know it. */
  readonly ipAddress?: string
  readonly externalId?: string
}

export interface CardUnbinding extends Replied {
  /** No payment is taken with the card from now on; the network is told afterwards. */
  readonly status: 'pending'
  readonly referenceNo: string | undefined
  readonly redirectUrl: string | undefined
}

/** @throws ValidationError that names the field, never its value. */
export function cardUnbinding(order: CardUnbindOrder): Operation<CardUnbinding> {
  const { channel = KKI, bankCardToken, partnerReferenceNo, ipAddress } = order
  if (partnerReferenceNo !== undefined) checkReference('partnerReferenceNo', partnerReferenceNo)
  return {
    path: PATH,
    subject: 'card',
    headers: ipAddress === undefined ? {} : ipHeader(ipAddress),
    externalId: order.externalId,
    body: {
      tokenId: checkToken('bankCardToken', bankCardToken),
      ...present({ partnerReferenceNo }),
      additionalInfo: { channel },
    },
    read: (answer, externalId) =>
      conceal({
        status: 'pending',
        referenceNo: textMember(answer.body, 'referenceNo'),
        redirectUrl: textMember(answer.body, 'redirectUrl'),
        ...replied(answer, externalId),
      }),
  }
}
