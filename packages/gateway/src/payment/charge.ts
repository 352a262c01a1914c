import {
  bearerToken,
  headerValue,
  type PaymentBody,
  type PaymentVariant,
  parseTimestamp,
  paymentVariant,
  refusalOf,
  SnapError,
} from '@gerbang/snap'
import { flowAsked } from '../channels/flow.ts'
import type { ChannelProfile, Flow, PaymentProfile } from '../channels/profile.ts'
import { appLink } from '../page/links.ts'
import { readReturnUrl } from '../return-url.ts'
import { Secret } from '../secret.ts'
import { expectCustomer } from './customer.ts'
import { lackOf } from './members.ts'
import { payPartsOf } from './pay-parts.ts'
import type { OrderSource, PaymentRequest, Visiting } from './payment.ts'

export interface ChargeDeps {
  /** How long, in milliseconds from the claim, the cardholder may confirm. */
  readonly confirmMs: number
  /** The same for a customer who confirms with codes. */
  readonly debitConfirmMs: number
  /** The same for a wallet's customer: usually, and at most. */
  readonly jumpAppMs: number
  readonly jumpAppLongestMs: number
  /** Whether customers may be sent back to hosts that only this network knows. */
  readonly allowsPrivateHosts: boolean
}

/** Who is charged how, until when the customer may confirm, and where. */
export interface Charge {
  readonly variant: PaymentVariant
  readonly source: OrderSource
  /** Epoch milliseconds. */
  readonly confirmBy: number
  /** The card number in the request. */
  readonly givenCard?: string | undefined
  /** Absent for KKI, whose cardholders confirm in their issuers' apps. */
  readonly visiting?: Visiting
}

type Read = (deps: ChargeDeps, request: PaymentRequest, about: About) => Charge

interface About {
  readonly profile: ChannelProfile
  readonly now: number
}

const BY_SHAPE: Readonly<Record<PaymentProfile['shape'], Read>> = {
  kki: (deps, request, { now }) => kkiCharge(deps, request, now),
  debit: debitCharge,
  'jump-app': jumpAppCharge,
}

/**
 * What a request of a channel asks for, or the SnapError that says which member stands in the way. Without a channel it is read as
 * KKI's, which alone need not be named. `now` in epoch milliseconds.
 */
export function chargeOf(
  deps: ChargeDeps,
  request: PaymentRequest,
  about: { readonly profile: ChannelProfile | undefined; readonly now: number },
): Charge {
  const { profile, now } = about
  if (profile === undefined) return kkiCharge(deps, request, now)
  refuseLength(request.body, profile.payment)
  return BY_SHAPE[profile.payment.shape](deps, request, { profile, now })
}

/** A flow that the channel does not have falls back to the one that it has. What is not known to mean host to host means the page. */
function flowOf({ headers }: PaymentRequest, flows: readonly Flow[]): Flow {
  const asked = flowAsked(headers) ?? 'DH'
  return flows.includes(asked) ? asked : (flows[0] ?? asked)
}

function refuseLength(
  { partnerReferenceNo, additionalInfo }: PaymentBody,
  { reference, remarksMax }: PaymentProfile,
): void {
  const { length } = partnerReferenceNo
  if (length < reference.min || length > reference.max) throw malformed('partnerReferenceNo')
  if ((additionalInfo?.remarks?.length ?? 0) > remarksMax) throw malformed('additionalInfo.remarks')
}

function kkiCharge({ confirmMs }: ChargeDeps, { body, customer }: PaymentRequest, now: number): Charge {
  const found = paymentVariant(body)
  if ('kind' in found) throw refusalOf(found)
  const { variant } = found
  const { chargeToken, otp, bankCardToken } = body
  const confirmBy = now + confirmMs
  if (bankCardToken !== undefined) {
    // A customer's token and a kept card in the same request must mean the same card.
    if (customer !== undefined && customer.bankCardToken !== bankCardToken)
      throw new SnapError('inconsistentRequest')
    const isRecurring = variant === 'V4'
    // Nobody is asked for a recurring payment, so a one-time token in it says nothing.
    const oneTimeToken = isRecurring || otp === undefined ? undefined : new Secret(otp)
    const source = { kind: 'token' as const, bankCardToken, oneTimeToken, isRecurring }
    return { variant, confirmBy, source, givenCard: chargeToken }
  }
  if (chargeToken === undefined || otp === undefined) throw new SnapError('badRequest')
  const card = { chargeToken: new Secret(chargeToken), oneTimeToken: new Secret(otp) }
  const source = { kind: 'card' as const, ...card, keepsCard: variant === 'V2' }
  return { variant, confirmBy, source, givenCard: chargeToken }
}

function debitCharge(deps: ChargeDeps, request: PaymentRequest, { profile, now }: About): Charge {
  const { body } = request
  const { payment } = profile
  const isRecurring = typeOf(body, payment) === 'RECURRING'
  // Nobody is sent to a page, so nobody has to come back.
  const requires = isRecurring ? payment.requires.filter((path) => !isReturnUrl(path)) : payment.requires
  const lack = lackOf(body, requires)
  if (lack !== undefined) throw new SnapError('invalidMandatoryField', { detail: lack })
  const visiting = {
    flow: flowOf(request, payment.flows),
    successUrl: returnUrl(deps, body, 'successPaymentUrl'),
    failedUrl: returnUrl(deps, body, 'failedPaymentUrl'),
  }
  const bankCardToken = customerOf(request)
  return {
    variant: isRecurring ? 'V4' : 'V3',
    confirmBy: now + deps.debitConfirmMs,
    source: {
      kind: 'token',
      bankCardToken,
      oneTimeToken: undefined,
      isRecurring,
      isCustomers: true,
      canAskPin: !isRecurring && visiting.flow === 'DH',
      paidWith: payPartsOf(body, payment),
    },
    visiting,
  }
}

function typeOf({ additionalInfo }: PaymentBody, { types }: PaymentProfile): 'SALE' | 'RECURRING' {
  const text = additionalInfo?.paymentType?.toUpperCase() ?? 'SALE'
  if (text !== 'SALE' && text !== 'RECURRING') throw malformed('additionalInfo.paymentType')
  if (!types.includes(text)) throw new SnapError('requestedFunctionIsNotSupported')
  return text
}

/** Whose account is charged: the token of the customer says it, and a body that names one too must mean the same. */
function customerOf({ body, headers, ...request }: PaymentRequest): string {
  const customer = expectCustomer({ headers, ...request })
  const given = bearerToken(headerValue(headers, 'Authorization-Customer'))
  const { bankCardToken } = body
  if (bankCardToken !== undefined && bankCardToken !== customer.bankCardToken && bankCardToken !== given)
    throw new SnapError('inconsistentRequest')
  return customer.bankCardToken
}

const RETURN_URLS = ['successPaymentUrl', 'failedPaymentUrl'] as const

function isReturnUrl(path: string): boolean {
  return RETURN_URLS.some((member) => path === `additionalInfo.${member}`)
}

function returnUrl(
  { allowsPrivateHosts }: ChargeDeps,
  { additionalInfo }: PaymentBody,
  member: (typeof RETURN_URLS)[number],
): string | undefined {
  const text = additionalInfo?.[member]
  if (text === undefined) return undefined
  const url = readReturnUrl(text, allowsPrivateHosts)
  if (url === undefined) throw malformed(`additionalInfo.${member}`)
  return url
}

const POINTS = new Set(['APP', 'PC', 'MWEB'])

function jumpAppCharge(deps: ChargeDeps, { body }: PaymentRequest, { profile, now }: About): Charge {
  typeOf(body, profile.payment)
  const lack = lackOf(body, profile.payment.requires)
  if (lack !== undefined) throw new SnapError('invalidMandatoryField', { detail: lack })
  const { pointOfInitiation, additionalInfo } = body
  if (pointOfInitiation !== undefined && !POINTS.has(pointOfInitiation.toUpperCase()))
    throw malformed('pointOfInitiation')
  const source = {
    kind: 'jump-app' as const,
    returnUrl: payReturn(deps, body),
    orderTitle: additionalInfo?.orderTitle,
  }
  return {
    variant: 'V5',
    confirmBy: validUntil(deps, body, now),
    source,
    visiting: { flow: 'DH', successUrl: undefined, failedUrl: undefined },
  }
}

/** Where the wallet sends its customer back to: the first that is meant for it. An app's own scheme is one, if it is said to be. */
function payReturn({ allowsPrivateHosts }: ChargeDeps, { urlParam = [] }: PaymentBody): string {
  if (urlParam.length === 0) throw new SnapError('invalidMandatoryField', { detail: 'urlParam' })
  const param = urlParam.find(({ type }) => type?.toUpperCase() === 'PAY_RETURN')
  if (param === undefined) throw malformed('urlParam.type')
  for (const [place, one] of urlParam.entries()) refuseLackingParam(one, `urlParam.${place}`)
  const { url: text = '' } = param
  const isApp = isDeepLink(param)?.toUpperCase() === 'Y'
  const web = readReturnUrl(text, allowsPrivateHosts)
  const url = web ?? (isApp && !/^https?:/i.test(text) ? appLink(text) : undefined)
  if (url === undefined) throw malformed('urlParam.url')
  return url
}

type UrlParam = NonNullable<PaymentBody['urlParam']>[number]

/** Clients write it in two ways. */
function isDeepLink(param: UrlParam): string | undefined {
  return param.isDeepLink ?? param.isDeeplink
}

function refuseLackingParam(param: UrlParam, member: string): void {
  if (param.url === undefined) throw new SnapError('invalidMandatoryField', { detail: `${member}.url` })
  if (isDeepLink(param) === undefined)
    throw new SnapError('invalidMandatoryField', { detail: `${member}.isDeepLink` })
}

function validUntil(deps: ChargeDeps, { validUpTo }: PaymentBody, now: number): number {
  if (validUpTo === undefined) return now + deps.jumpAppMs
  const until = parseTimestamp(validUpTo)
  if (until === undefined || until <= now) throw malformed('validUpTo')
  return Math.min(until, now + deps.jumpAppLongestMs)
}

function malformed(detail: string): SnapError {
  return new SnapError('invalidFieldFormat', { detail })
}
