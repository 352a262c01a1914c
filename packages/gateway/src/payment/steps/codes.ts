import {
  bearerToken,
  headerValue,
  type Money,
  type Operation,
  type OtpBody,
  type OtpVerificationBody,
  SnapError,
} from '@gerbang/snap'
import { refusalOfChannel } from '../../auth/gates.ts'
import type { SignedCall } from '../../auth/signed-route.ts'
import { channelNamed } from '../../channels/index.ts'
import { refuseUnoffered, takesPaymentCodes } from '../../channels/offered.ts'
import type { BindingProfile } from '../../channels/profile.ts'
import type { Sql } from '../../database/pool.ts'
import type { StoredReply } from '../../reply.ts'
import type { AskedRequest } from '../../request-id/sealed-reply.ts'
import { Secret } from '../../secret.ts'
import { expectCustomer } from '../customer.ts'
import { channelOfOriginal } from '../original.ts'
import type { KnownPayment } from '../payment.ts'
import type { PaymentState } from '../states.ts'
import { type Confirmation, confirmPayment } from './confirm.ts'
import { type CodeCall, isNamed, type OriginalDeps, originalOf } from './original.ts'
import { type ResendDeps, resendCode } from './resend.ts'
import { watchCodes } from './watch.ts'

export interface CodeDeps extends ResendDeps, OriginalDeps {
  readonly sql: Sql
  /** The kept card or account that a customer's token stands for; undefined for any other text. */
  readonly readCustomer: (partnerId: string, token: string) => Promise<string | undefined>
}

/** What partners send about the codes of payments: the same two operations as for bindings. */
export interface PaymentCodes {
  /** Service 04. Throws what `confirmPayment` throws, and SnapError for whoever is not the payment's customer. */
  verify(call: SignedCall<OtpVerificationBody>): Promise<StoredReply>
  /** The same for a request that does not say what it confirms; undefined when no payment is meant. */
  verifyIfMeant(call: SignedCall<OtpVerificationBody>): Promise<StoredReply | undefined>
  /** Service 81; undefined when no payment is meant. */
  resend(call: SignedCall<OtpBody>): Promise<StoredReply | undefined>
}

export function openPaymentCodes(deps: CodeDeps): PaymentCodes {
  return {
    async verify(call) {
      if (!isNamed(call))
        throw new SnapError('invalidMandatoryField', { detail: 'originalPartnerReferenceNo' })
      const payment = await originalOf(deps, call, { isOfPayment: true })
      return payment === undefined ? refuseUnknown(deps, call) : verify(deps, call, payment)
    },
    async verifyIfMeant(call) {
      const isOfPayment = call.body.additionalInfo?.bankCardToken !== undefined
      const payment = await originalOf(deps, call, { isOfPayment })
      return payment && verify(deps, call, payment)
    },
    async resend(call) {
      const { body, line } = call
      const given = body.bankCardToken
      const payment = await originalOf(deps, call, { isOfPayment: given !== undefined })
      if (payment === undefined) return undefined
      await agree(deps, call, { payment, given })
      const watched = watchCodes(line, deps)
      const request = requestOf(deps, 'otp', call)
      return told(line, await resendCode(watched, { name: nameOf(call, payment), request }))
    },
  }
}

async function verify(
  deps: CodeDeps,
  call: SignedCall<OtpVerificationBody>,
  payment: KnownPayment,
): Promise<StoredReply> {
  const { body, line } = call
  const { otp } = await agree(deps, call, { payment, given: body.additionalInfo?.bankCardToken })
  if (otp !== undefined && (body.otp.length < otp.min || body.otp.length > otp.max))
    throw new SnapError('invalidFieldFormat', { detail: 'otp' })
  const watched = watchCodes(line, deps)
  const request = requestOf(deps, 'otp-verification', call)
  const trial = { name: nameOf(call, payment), code: new Secret(body.otp), request }
  return told(line, await confirmPayment(watched, trial))
}

/** Nobody knows the payment. A channel that has no such thing says so. */
function refuseUnknown({ channels }: CodeDeps, { caller, headers, body }: CodeCall): never {
  refuseUnoffered(channels, body, takesPaymentCodes)
  expectCustomer({ customer: caller.customer, headers })
  throw new SnapError('transactionNotFound')
}

const MONEY = {
  submitted: 'unknown',
  waiting: 'unknown',
  unresolved: 'unknown',
  paid: 'moved',
  declined: 'not-moved',
  reversed: 'not-moved',
} as const satisfies Record<PaymentState, Money>

function told(line: SignedCall<unknown>['line'], { payment, reply, fault }: Confirmation): StoredReply {
  line.state = payment.state
  line.money = MONEY[payment.state]
  if (fault !== undefined) line.fault = fault
  return reply
}

/**
 * The customer, the account that the body names and the payment's own must be the same, and so must the channel. Returns the binding
 * of the payment's channel. Throws SnapError before the network hears of anything: `requestedFunctionIsNotSupported` where payments
 * have no codes that a partner gives, `invalidTransactionStatus` for a code that belongs to the page.
 */
async function agree(
  deps: CodeDeps,
  { caller, headers, body, line }: CodeCall,
  { payment, given }: { readonly payment: KnownPayment; readonly given: string | undefined },
): Promise<Partial<BindingProfile>> {
  line.referenceNo = payment.referenceNo
  line.channel = payment.channel
  const profile = channelNamed(deps.channels, payment.channel)?.profile
  if (profile === undefined || !takesPaymentCodes(profile))
    throw new SnapError('requestedFunctionIsNotSupported')
  const { bankCardToken } = expectCustomer({ customer: caller.customer, headers })
  if (payment.bankCardToken !== bankCardToken) throw new SnapError('inconsistentRequest')
  const sent = bearerToken(headerValue(headers, 'Authorization-Customer'))
  if (given !== undefined && given !== bankCardToken && given !== sent) {
    const meant = await deps.readCustomer(caller.partner.partnerId, given)
    if (meant !== bankCardToken) throw new SnapError('inconsistentRequest')
  }
  channelOfOriginal(deps.channels, payment, body.additionalInfo?.channel)
  const refusal = refusalOfChannel(caller.partner, profile.name)
  if (refusal !== undefined) throw refusal
  if (payment.flow !== 'H2H') throw new SnapError('invalidTransactionStatus')
  return profile.binding ?? {}
}

function nameOf({ caller }: CodeCall, { referenceNo }: KnownPayment) {
  return { partnerId: caller.partner.partnerId, referenceNo }
}

function requestOf(deps: CodeDeps, operation: Operation, { caller, body }: CodeCall): AskedRequest {
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
