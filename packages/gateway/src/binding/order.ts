import { SnapError } from '@gerbang/snap'
import type { BindInstruction, Bindings, Channel } from '../channels/channel.ts'
import { findChannel } from '../channels/index.ts'
import type { BindingProfile } from '../channels/profile.ts'
import type { Partner } from '../partner/partner.ts'
import type { AskedRequest } from '../request-id/sealed-reply.ts'
import { readReturnUrl } from '../return-url.ts'
import { Secret } from '../secret.ts'
import type { Vault } from '../vault/vault.ts'
import { authCodeLookup, authCodeOf } from './auth-code.ts'
import type { Binding, BindingKind, Flow } from './binding.ts'
import { maskPhone } from './phone.ts'
import { cardContext } from './settle.ts'
import { BIND_OPERATIONS } from './traits.ts'

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
export interface Asked<Body> {
  readonly partner: Partner
  readonly externalId: string
  readonly flow: Flow
  readonly body: Body
}

/** A request to keep a card or an account that passed every check, about to be claimed. */
export interface BindOrder {
  readonly request: AskedRequest
  readonly binding: Binding
  readonly cards: Bindings
  readonly instruction: BindInstruction
}

/** A channel that keeps what is asked for. */
export interface Keeper {
  readonly channel: Channel
  readonly profile: BindingProfile
  readonly cards: Bindings
}

/**
 * The channel that keeps what a request is about. Throws SnapError for one that is not named or not known, and for one that keeps
 * something else.
 */
export function keeperOf(
  channels: readonly Channel[],
  kind: BindingKind,
  asked: { readonly name: string | undefined; readonly cardNumber?: string },
): Keeper {
  const { name } = asked
  const channel = findChannel(channels, { name, chargeToken: asked.cardNumber })
  if (channel === undefined) {
    throw new SnapError(name === undefined ? 'invalidMandatoryField' : 'invalidFieldFormat', {
      detail: 'additionalInfo.channel',
    })
  }
  const { bindings: cards } = channel
  const profile = channel.profile.binding
  if (cards === undefined || profile?.kind !== kind) throw new SnapError('requestedFunctionIsNotSupported')
  return { channel, profile, cards }
}

interface Additional {
  readonly successRegistrationUrl?: string | undefined
  readonly failedRegistrationUrl?: string | undefined
}

/** What a request is about, in the words of the binding. */
export interface Subject {
  readonly kind: BindingKind
  /** The card's number or the account's, as it is kept sealed. */
  readonly number: string
  readonly lookup: Buffer
  readonly issuerNumber: string
  readonly lastFour: string
  /** `628…` */
  readonly phoneNo: string | undefined
  readonly instructed: BindInstruction['subject']
}

export interface Terms {
  readonly keeper: Keeper
  readonly custIdMerchant: string
  readonly partnerReferenceNo: string | undefined
  readonly journeyId: string | undefined
  readonly additionalInfo: Additional | undefined
  /** What makes the request this one: without what must not be stored in any form. */
  readonly content: object
}

/**
 * The order of a request whose subject was read. From here on a number exists sealed, hashed and inside the instruction. Throws
 * SnapError for return URLs that lead nowhere.
 */
export function orderOf<Body>(
  deps: OrderDeps,
  asked: Asked<Body>,
  subject: Subject,
  { keeper, ...terms }: Terms & { readonly now: number },
): BindOrder {
  const { vault } = deps
  const { partnerId, profile } = asked.partner
  const { now } = terms
  const flow = flowIn(keeper.profile, asked.flow)
  const name = { partnerId, referenceNo: deps.newReferenceNo(now) }
  const binding: Binding = {
    ...EMPTY,
    ...name,
    kind: subject.kind,
    externalId: asked.externalId,
    partnerReferenceNo: terms.partnerReferenceNo,
    journeyId: terms.journeyId ?? (keeper.profile.isOtpAskedFor ? asked.externalId : undefined),
    channel: keeper.channel.profile.name,
    flow,
    custIdMerchant: terms.custIdMerchant,
    cardLookup: subject.lookup,
    cardSealed: vault.seal(subject.number, cardContext(name)),
    issuerNumber: subject.issuerNumber,
    lastFour: subject.lastFour,
    phoneMasked: subject.phoneNo && maskPhone(subject.phoneNo),
    authCodeLookup: authCodeLookup(vault, partnerId, authCodeOf(vault, { ...name, createdAt: now })),
    ...returnUrls(terms.additionalInfo, deps.allowsPrivateHosts),
    createdAt: now,
    expiresAt: now + deps.networkExpiryMs,
    dueAt: now + deps.longestRequestMs,
  }
  const request: AskedRequest = {
    partnerId,
    profile,
    operation: BIND_OPERATIONS[subject.kind],
    externalId: asked.externalId,
    claimedAt: now,
    fingerprint: vault.digest('request', JSON.stringify({ ...terms.content, flow })),
  }
  return { request, binding, cards: keeper.cards, instruction: instructionOf(binding, subject) }
}

const EMPTY = {
  state: 'submitted',
  sequence: 0,
  outcome: undefined,
  networkReferenceNo: undefined,
  networkCode: undefined,
  bankCardToken: undefined,
  step: 'otp',
  attempts: 0,
  trying: undefined,
  resends: 0,
  otpRequests: 0,
  otpSentAt: undefined,
  otpExpiresAt: undefined,
  inquiries: 0,
  settledAt: undefined,
} as const

/** A way that the channel does not go is replaced by the one that it goes. */
function flowIn({ flows }: BindingProfile, asked: Flow): Flow {
  return flows.includes(asked) ? asked : (flows[0] ?? asked)
}

function instructionOf(binding: Binding, { instructed, phoneNo }: Subject): BindInstruction {
  return {
    referenceNo: binding.referenceNo,
    merchantId: binding.partnerId,
    merchantReferenceNo: binding.partnerReferenceNo ?? binding.referenceNo,
    customerId: binding.custIdMerchant,
    subject: instructed,
    phoneNo: phoneNo === undefined ? undefined : new Secret(phoneNo),
    expiresAt: binding.expiresAt,
  }
}

function returnUrls(additionalInfo: Additional | undefined, allowsPrivate: boolean) {
  const read = (member: keyof Additional) => {
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

/** Throws SnapError `invalidMandatoryField` for the first member that the channel wants and the body has not. */
export function refuseMissing({ requires }: Pick<BindingProfile, 'requires'>, body: object): void {
  const missing = requires.find((path) => memberAt(body, path.split('.')) === undefined)
  if (missing !== undefined) throw new SnapError('invalidMandatoryField', { detail: missing })
}

function memberAt(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return memberAt((value as Readonly<Record<string, unknown>>)[first], rest)
}
