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
import type { Sql } from '../../database/pool.ts'
import type { StoredReply } from '../../reply.ts'
import type { AskedRequest } from '../../request-id/sealed-reply.ts'
import { Secret } from '../../secret.ts'
import { expectCustomer } from '../customer.ts'
import { channelOfOriginal, type FindPayments } from '../original.ts'
import type { KnownPayment } from '../payment.ts'
import type { PaymentState } from '../states.ts'
import { type Confirmation, confirmPayment } from './confirm.ts'
import { type ResendDeps, resendCode } from './resend.ts'
import { watchCodes } from './watch.ts'

export interface CodeDeps extends ResendDeps {
  readonly sql: Sql
  readonly find: FindPayments
  /** The kept card or account that a customer's token stands for; undefined for any other text. */
  readonly readCustomer: (partnerId: string, token: string) => Promise<string | undefined>
}

/** What partners send about the codes of payments: the same two operations as for bindings. */
export interface PaymentCodes {
  /** Service 04. Throws what `confirmPayment` throws, and SnapError for whoever is not the payment's customer. */
  verify(call: SignedCall<OtpVerificationBody>): Promise<StoredReply>
  /** Service 81; undefined when no payment is meant. */
  resend(call: SignedCall<OtpBody>): Promise<StoredReply | undefined>
}

export function openPaymentCodes(deps: CodeDeps): PaymentCodes {
  return {
    async verify(call) {
      const { body, line } = call
      const bankCardToken = customerOf(call)
      const payment = await originalOf(deps, call)
      if (payment === undefined) throw new SnapError('transactionNotFound')
      note(line, payment)
      const given = body.additionalInfo?.bankCardToken
      await agree(deps, call, { payment, bankCardToken, given })
      const watched = watchCodes(line, deps)
      const request = requestOf(deps, 'otp-verification', call)
      return told(
        line,
        await confirmPayment(watched, { name: nameOf(call, payment), code: new Secret(body.otp), request }),
      )
    },
    async resend(call) {
      const { body, line } = call
      const payment = await originalOf(deps, call)
      if (payment === undefined) return undefined
      const bankCardToken = customerOf(call)
      note(line, payment)
      await agree(deps, call, { payment, bankCardToken, given: body.bankCardToken })
      const watched = watchCodes(line, deps)
      const request = requestOf(deps, 'otp', call)
      return told(line, await resendCode(watched, { name: nameOf(call, payment), request }))
    },
  }
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

type CodeCall = SignedCall<OtpBody | OtpVerificationBody>

function customerOf({ caller, headers }: CodeCall): string {
  return expectCustomer({ customer: caller.customer, headers }).bankCardToken
}

/** The payment that is meant, the living one before those that failed. */
async function originalOf(deps: CodeDeps, { caller, body }: CodeCall): Promise<KnownPayment | undefined> {
  const { originalPartnerReferenceNo, originalReferenceNo } = body
  if (originalPartnerReferenceNo === undefined && originalReferenceNo === undefined) return undefined
  const found = await deps.find(caller.partner.partnerId, {
    partnerReferenceNo: originalPartnerReferenceNo,
    referenceNo: originalReferenceNo,
  })
  const named = found.find(
    ({ partnerReferenceNo, referenceNo }) =>
      (originalPartnerReferenceNo ?? partnerReferenceNo) === partnerReferenceNo &&
      (originalReferenceNo ?? referenceNo) === referenceNo,
  )
  if (found.length > 0 && named === undefined) throw new SnapError('inconsistentRequest')
  return named
}

/** The customer, the account that the body names and the payment's own must be the same, and so must the channel. */
async function agree(
  deps: CodeDeps,
  { caller, headers, body }: CodeCall,
  about: {
    readonly payment: KnownPayment
    readonly bankCardToken: string
    readonly given: string | undefined
  },
): Promise<void> {
  const { payment, bankCardToken, given } = about
  if (payment.bankCardToken !== bankCardToken) throw new SnapError('inconsistentRequest')
  const sent = bearerToken(headerValue(headers, 'Authorization-Customer'))
  if (given !== undefined && given !== bankCardToken && given !== sent) {
    const meant = await deps.readCustomer(caller.partner.partnerId, given)
    if (meant !== bankCardToken) throw new SnapError('inconsistentRequest')
  }
  const channel = channelOfOriginal(deps.channels, payment, body.additionalInfo?.channel)
  if (channel?.confirmations === undefined) throw new SnapError('requestedFunctionIsNotSupported')
  const refusal = refusalOfChannel(caller.partner, channel.profile.name)
  if (refusal !== undefined) throw refusal
}

function note(line: SignedCall<unknown>['line'], { referenceNo, channel }: KnownPayment): void {
  line.referenceNo = referenceNo
  line.channel = channel
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
