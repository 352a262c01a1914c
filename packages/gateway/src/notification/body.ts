import { formatAmount } from '@gerbang/snap'
import { STATES } from '../payment/states.ts'
import { maskCardNumbers } from '../secret.ts'
import { lineItemsOf } from './line-items.ts'
import type { BindingSubject, PaymentSubject } from './subjects/subject.ts'

/** What is sent, and the values in it that no file and no table may hold. */
export interface Written {
  readonly body: string
  readonly secrets: readonly string[]
}

/** The row says something that cannot be told: the notification is given up. */
export class Unwritable extends Error {
  override readonly name = 'Unwritable'
}

const REFUNDED = { status: '04', word: 'Refunded' } as const
const FINAL = new Set(['00', '05', '06'])
const BIND_STATUS = { bound: 'SUCCESS', declined: 'FAILED', wanted: undefined } as const

/**
 * How a payment ended, or that it was given back whole. The same rows give the same bytes, attempt after attempt: compact, and with letters as
 * they are, which is what the libraries of PHP, Java and Node.js write when they parse a body before they hash it. `addressee`: the
 * partner, where the signature does not say for whom it is.
 */
export function paymentBody(
  payment: PaymentSubject,
  told: {
    readonly isRefunded: boolean
    /** It was paid and then called off. */
    readonly isCancelled?: boolean
    readonly accountType?: string | undefined
    readonly acquirerId: string | undefined
    readonly addressee?: string | undefined
  },
): Written {
  const { particulars } = payment
  const { status, word } = standingOf(payment, told)
  if (!told.isRefunded && !FINAL.has(status)) throw new Unwritable('the payment is not final')
  const isBound = payment.bindState === 'bound'
  const bankCardToken = isBound ? payment.bankCardToken : undefined
  const body = JSON.stringify({
    originalPartnerReferenceNo: payment.partnerReferenceNo,
    originalReferenceNo: payment.referenceNo,
    originalExternalId: payment.externalId,
    latestTransactionStatus: status,
    transactionStatusDesc: word,
    amount: { value: formatAmount(payment.amountMinor), currency: 'IDR' },
    additionalInfo: {
      channelId: payment.channel,
      channel: payment.channel,
      acquirerId: told.acquirerId,
      custIdMerchant: textOf(particulars.custIdMerchant) ?? payment.customerId,
      accountType: told.accountType ?? 'DIRECT_DEBIT',
      paymentType: payment.variant === 'V4' ? 'RECURRING' : 'SALE',
      lineItems: lineItemsOf(particulars.lineItems),
      bankCardToken,
      bindStatus: payment.bindState === undefined ? undefined : BIND_STATUS[payment.bindState],
      partnerId: told.addressee,
    },
  })
  return { body, secrets: bankCardToken === undefined ? [] : [bankCardToken] }
}

function standingOf(
  { state }: PaymentSubject,
  { isRefunded, isCancelled }: { readonly isRefunded: boolean; readonly isCancelled?: boolean },
) {
  if (isCancelled) return STATES.reversed
  return isRefunded ? REFUNDED : STATES[state]
}

/**
 * Whether a card or account was bound, by the code that the request was answered with, and the token of a bound card. The code of a
 * binding that failed opens nothing.
 */
export function bindingBody(binding: BindingSubject, authCode: string, addressee?: string): Written {
  const isBound = binding.bankCardToken !== undefined
  // An account is named by its customer's token alone.
  const bankCardToken = binding.kind === 'card' ? binding.bankCardToken : undefined
  const body = JSON.stringify({
    originalExternalId: binding.externalId,
    additionalInfo: {
      status: isBound ? 'SUCCESS' : 'FAILED',
      custIdMerchant: binding.customerId,
      authCode,
      bankCardToken,
      partnerId: addressee,
    },
  })
  return { body, secrets: bankCardToken === undefined ? [authCode] : [authCode, bankCardToken] }
}

const MASK = '[masked]'

/** A text as it may be kept: without the secrets, without card numbers, and without what PostgreSQL cannot hold. */
export function masked(text: string, secrets: readonly string[]): string {
  const hidden = secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text)
  return maskCardNumbers(hidden).replaceAll('\u0000', '\ufffd')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
