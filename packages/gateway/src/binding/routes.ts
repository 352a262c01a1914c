import {
  type AccountBindingBody,
  type CardBindBody,
  headerValue,
  meansUnbinding,
  type Operation,
  Otp,
  type OtpBody,
  OtpVerification,
  type OtpVerificationBody,
  otpReference,
  RegistrationAccountBinding,
  RegistrationCardBind,
  refusalOf,
  SnapError,
} from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps, Caller } from '../auth/authenticate.ts'
import { refusalOfChannel } from '../auth/gates.ts'
import { addSignedRoute, type SignedCall } from '../auth/signed-route.ts'
import { flowAsked } from '../channels/flow.ts'
import { channelNamed, findChannel } from '../channels/index.ts'
import { noteMissing } from '../channels/missing-headers.ts'
import {
  refuseUnoffered,
  takesBindingCodes,
  takesPaymentCodes,
  takesUnbindingCodes,
} from '../channels/offered.ts'
import type { Sql } from '../database/pool.ts'
import type { StoredReply } from '../reply.ts'
import { isRequestUsed } from '../request-id/request-ids.ts'
import type { AskedRequest } from '../request-id/sealed-reply.ts'
import { Secret } from '../secret.ts'
import { takeAccountOrder } from './account-order.ts'
import { authCodeLookup } from './auth-code.ts'
import type { Binding } from './binding.ts'
import { takeOrder } from './card-order.ts'
import type { Asked, BindOrder, OrderDeps } from './order.ts'
import { otp, type ResendDeps } from './otp.ts'
import { otpVerification, type VerifyDeps } from './otp-verification.ts'
import { type BindDeps, register } from './registration.ts'
import { findNamed } from './store.ts'
import { traitsOf } from './traits.ts'
import { watchChannels } from './watch.ts'

/** The same two operations for payments. `resend` is undefined when no payment is meant. */
export interface PaymentCodes {
  verify(call: SignedCall<OtpVerificationBody>): Promise<StoredReply>
  /** For a request that does not say what it confirms; undefined when no payment is meant. */
  verifyIfMeant(call: SignedCall<OtpVerificationBody>): Promise<StoredReply | undefined>
  resend(call: SignedCall<OtpBody>): Promise<StoredReply | undefined>
}

/** The code of an unbinding. */
export interface UnbindingCodes {
  verify(call: SignedCall<OtpVerificationBody>): Promise<StoredReply>
}

export interface BindingRouteDeps extends OrderDeps, BindDeps, VerifyDeps, ResendDeps {
  readonly sql: Sql
  readonly paymentCodes: PaymentCodes
  readonly unbindingCodes: UnbindingCodes
}

/** Binding of cards and accounts, another code, and the code itself. */
export function addBindingRoutes(app: FastifyInstance, auth: AuthDeps, deps: BindingRouteDeps): void {
  const isUsed = (operation: Operation) => (caller: Caller) => isUsedToday(deps, operation, caller)
  addSignedRoute<CardBindBody>(app, auth, {
    contract: RegistrationCardBind,
    isUsed: isUsed('registration-card-bind'),
    handle: (call) =>
      unlessUsed(deps, 'registration-card-bind', call, () => bind(watch(deps, call), call, takeOrder)),
  })
  addSignedRoute<AccountBindingBody>(app, auth, {
    contract: RegistrationAccountBinding,
    isUsed: isUsed('registration-account-binding'),
    handle: (call) =>
      unlessUsed(deps, 'registration-account-binding', call, () =>
        bind(watch(deps, call), call, takeAccountOrder),
      ),
  })
  addSignedRoute<OtpBody>(app, auth, {
    contract: Otp,
    isUsed: isUsed('otp'),
    handle: (call) => unlessUsed(deps, 'otp', call, () => resend(watch(deps, call), call)),
  })
  addSignedRoute<OtpVerificationBody>(app, auth, {
    contract: OtpVerification,
    isUsed: isUsed('otp-verification'),
    handle: (call) => unlessUsed(deps, 'otp-verification', call, () => verify(watch(deps, call), call)),
  })
}

function watch(deps: BindingRouteDeps, { line }: SignedCall<unknown>): BindingRouteDeps {
  return { ...deps, channels: watchChannels(line, deps.channels) }
}

type TakeOrder<Body> = (deps: OrderDeps, asked: Asked<Body>, now: number) => BindOrder

async function bind<Body extends { readonly partnerReferenceNo?: string }>(
  deps: BindingRouteDeps,
  { caller, body, headers, line }: SignedCall<Body>,
  take: TakeOrder<Body>,
) {
  if (body.partnerReferenceNo !== undefined) line.partnerReferenceNo = body.partnerReferenceNo
  const { partner, externalId } = caller
  // What is not known to mean host to host means the hosted page.
  const flow = flowAsked(headers) ?? 'DH'
  const order = take(deps, { partner, externalId, flow, body }, deps.clock.now())
  note(line, order.binding)
  const channel = channelNamed(deps.channels, order.binding.channel)
  const { operation } = order.request
  if (channel !== undefined) noteMissing(line, channel.profile, { operation, headers })
  const answer = await register(deps, order)
  line.state = answer.state
  if (answer.fault !== undefined) line.fault = answer.fault
  return answer.reply
}

async function resend(deps: BindingRouteDeps, call: SignedCall<OtpBody>) {
  const isOfPayment = isOfCustomer(call) || call.body.bankCardToken !== undefined
  const ofPayment = isOfPayment ? await deps.paymentCodes.resend(call) : undefined
  if (ofPayment !== undefined) return ofPayment
  const binding = await find(deps, call, 'otp')
  if (binding === undefined)
    return (!isOfPayment && (await deps.paymentCodes.resend(call))) || refuseUnknown(deps, call)
  note(call.line, binding)
  const answer = await otp(deps, { name: binding, request: requestOf(deps, 'otp', call) })
  call.line.state = answer.binding.state
  if (answer.fault !== undefined) call.line.fault = answer.fault
  return answer.reply
}

/** A customer who has a token pays; whoever is being bound has none yet. */
function isOfCustomer({ headers }: SignedCall<unknown>): boolean {
  return headerValue(headers, 'Authorization-Customer') !== undefined
}

function refuseUnknown({ channels }: BindingRouteDeps, { body }: SignedCall<OtpBody>): never {
  refuseUnoffered(channels, body, (profile) => takesBindingCodes(profile) || takesPaymentCodes(profile))
  throw new SnapError('journeyNotFound')
}

async function verify(deps: BindingRouteDeps, call: SignedCall<OtpVerificationBody>) {
  const { body, line } = call
  if (isOfPayment(body)) return deps.paymentCodes.verify(call)
  if (meansUnbinding(body)) return verifyUnbinding(deps, call)
  refuseOtherAction(body)
  const isUnsaid = (body.action ?? body.type) === undefined
  const ofPayment = isUnsaid && isOfCustomer(call) && (await deps.paymentCodes.verifyIfMeant(call))
  if (ofPayment) return ofPayment
  const binding = await find(deps, call, 'otp-verification')
  if (binding === undefined) {
    refuseUnoffered(deps.channels, body, takesBindingCodes)
    throw new SnapError('transactionNotFound')
  }
  note(line, binding)
  refuseOtherLength(deps, binding, body.otp)
  const request = requestOf(deps, 'otp-verification', call)
  const answer = await otpVerification(deps, { name: binding, code: new Secret(body.otp), request })
  line.state = answer.binding.state
  if (answer.fault !== undefined) line.fault = answer.fault
  return answer.reply
}

async function verifyUnbinding(
  { channels, unbindingCodes }: BindingRouteDeps,
  call: SignedCall<OtpVerificationBody>,
): Promise<StoredReply> {
  try {
    return await unbindingCodes.verify(call)
  } catch (refusal) {
    const isUnknown = refusal instanceof SnapError && refusal.outcome === 'transactionNotFound'
    if (isUnknown) refuseUnoffered(channels, call.body, takesUnbindingCodes)
    throw refusal
  }
}

const LINKAGE = new Set(['OTPLINKAGE', 'LINKAGE'])
const PAYMENT = new Set(['OTPPAYMENT', 'PAYMENT'])

function isOfPayment({ action, type }: OtpVerificationBody): boolean {
  return PAYMENT.has((action ?? type ?? '').toUpperCase())
}

function refuseOtherAction({ action, type }: OtpVerificationBody): void {
  const [member, value] = action === undefined ? ['type', type] : ['action', action]
  if (value === undefined || LINKAGE.has(value.toUpperCase())) return
  throw new SnapError('invalidFieldFormat', { detail: member })
}

function refuseOtherLength({ channels }: BindingRouteDeps, { channel }: Binding, code: string): void {
  const { min, max } = traitsOf(channels, channel).otp
  if (code.length < min || code.length > max) throw new SnapError('invalidFieldFormat', { detail: 'otp' })
}

/** The binding that a body names, if its channel is the one that the body says. */
async function find(
  deps: BindingRouteDeps,
  { caller, body }: SignedCall<OtpBody | OtpVerificationBody>,
  operation: Extract<Operation, 'otp' | 'otp-verification'>,
): Promise<Binding | undefined> {
  const { partnerId } = caller.partner
  const named = otpReference(body, operation)
  if ('kind' in named) throw refusalOf(named)
  const { by, value } = named
  const binding = await findNamed(deps.sql, {
    partnerId,
    ...(by === 'authCode'
      ? { authCodeLookup: authCodeLookup(deps.vault, partnerId, value) }
      : { [by]: value }),
  })
  const refusal = binding && refusalOfChannel(caller.partner, binding.channel)
  if (refusal !== undefined) throw refusal
  if (binding !== undefined) refuseOtherChannel(deps, binding, body.additionalInfo?.channel)
  return binding
}

function refuseOtherChannel(
  { channels }: BindingRouteDeps,
  { channel }: Binding,
  asked: string | undefined,
): void {
  if (!traitsOf(channels, channel).takesCodes) throw new SnapError('requestedFunctionIsNotSupported')
  if (asked === undefined) return
  const named = findChannel(channels, { name: asked, chargeToken: undefined })
  if (named === undefined) throw new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
  if (named.profile.name !== channel) throw new SnapError('inconsistentRequest')
}

function note(line: SignedCall<unknown>['line'], { referenceNo, channel }: Binding): void {
  line.referenceNo = referenceNo
  line.channel = channel
}

function requestOf(
  deps: BindingRouteDeps,
  operation: Operation,
  { caller, body }: SignedCall<object>,
): AskedRequest {
  const { partnerId, profile } = caller.partner
  return {
    partnerId,
    profile,
    operation,
    externalId: caller.externalId,
    claimedAt: deps.clock.now(),
    fingerprint: deps.vault.digest('request', `${operation}|${JSON.stringify(body)}`),
  }
}

function isUsedToday(
  { sql, clock }: BindingRouteDeps,
  operation: Operation,
  { partner, externalId }: Caller,
): Promise<boolean> {
  return isRequestUsed(sql, {
    partnerId: partner.partnerId,
    operation,
    externalId,
    claimedAt: clock.now(),
  })
}

/** An external id that is used up comes before whatever else stands in the way. */
async function unlessUsed<Result>(
  deps: BindingRouteDeps,
  operation: Operation,
  { caller }: SignedCall<unknown>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (refusal) {
    if (!(refusal instanceof SnapError) || refusal.outcome === 'conflict') throw refusal
    throw (await isUsedToday(deps, operation, caller)) ? new SnapError('conflict') : refusal
  }
}
