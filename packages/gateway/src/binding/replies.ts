import {
  type AccountBindingReply,
  type CardBindReply,
  formatTimestamp,
  type Operation,
  type OtpReply,
  type OtpVerificationReply,
  OUTCOMES,
  type OutcomeName,
  responseCode,
  responseMessage,
} from '@gerbang/snap'
import type { Channel } from '../channels/channel.ts'
import type { StoredReply } from '../reply.ts'
import type { Vault } from '../vault/vault.ts'
import { authCodeOf } from './auth-code.ts'
import type { Binding } from './binding.ts'
import { isAsked, isLost, isPending } from './states.ts'
import { BIND_OPERATIONS, traitsOf } from './traits.ts'

export interface ReplyDeps {
  readonly vault: Vault
  readonly channels: readonly Channel[]
  /** Where cardholders reach the hosted page of a binding. */
  readonly pageUrl: (binding: Binding) => string
}

/**
 * What the request to keep a card or an account answers while the binding stands like this. A 202 tells the same names as a 200: the code may come late,
 * and page and authCode are the only ways by which it can then be used.
 */
export function bindReply(deps: ReplyDeps, binding: Binding): StoredReply {
  const { state } = binding
  const operation = BIND_OPERATIONS[binding.kind]
  if (isLost(state)) return refusalReply(operation, binding.outcome ?? 'generalError')
  const outcome = isAsked(state) ? silenceOf(deps, binding) : 'successful'
  if (outcome === 'timeout') return refusalReply(operation, outcome)
  const status = isPending(state) ? 'PENDING' : 'SUCCESS'
  const members: Omit<CardBindReply & AccountBindingReply, 'responseCode' | 'responseMessage'> = {
    referenceNo: binding.referenceNo,
    ...(binding.flow === 'DH' && { redirectUrl: deps.pageUrl(binding) }),
    additionalInfo: {
      custIdMerchant: binding.custIdMerchant,
      status,
      accountStatus: status,
      ...authCodeMember(deps, binding),
    },
  }
  return replyWith(operation, outcome, members)
}

/** What is answered where the network has said neither yes nor no. */
function silenceOf({ channels }: Pick<ReplyDeps, 'channels'>, { channel }: Binding): OutcomeName {
  return traitsOf(channels, channel).silence
}

/** What one-time password verification answers; the token is in it when the card is kept and at no other time. */
export function verificationReply(deps: ReplyDeps, binding: Binding, heard: OutcomeName): StoredReply {
  const originalReferenceNo = binding.referenceNo
  const outcome = toldOutcome(deps, binding, heard)
  if (outcome === 'requestInProgress') return replyWith('otp-verification', outcome, { originalReferenceNo })
  const { bankCardToken } = binding
  if (outcome !== 'successful' || bankCardToken === undefined)
    return refusalReply('otp-verification', outcome)
  const members: Omit<OtpVerificationReply, 'responseCode' | 'responseMessage'> = {
    originalReferenceNo,
    bankCardToken,
    additionalInfo: {
      custIdMerchant: binding.custIdMerchant,
      status: 'SUCCESS',
      accountStatus: 'SUCCESS',
      bankCardToken,
      ...authCodeMember(deps, binding),
    },
  }
  return replyWith('otp-verification', outcome, members)
}

/** What a request for another code answers. */
export function otpReply(deps: ReplyDeps, binding: Binding, heard: OutcomeName): StoredReply {
  const { referenceNo, otpExpiresAt } = binding
  const outcome = toldOutcome(deps, binding, heard)
  const names = { originalReferenceNo: referenceNo, chargeToken: referenceNo }
  if (outcome === 'requestInProgress') return replyWith('otp', outcome, names)
  if (outcome !== 'successful') return refusalReply('otp', outcome)
  const members: Omit<OtpReply, 'responseCode' | 'responseMessage'> = {
    ...names,
    additionalInfo: {
      ...authCodeMember(deps, binding),
      ...(otpExpiresAt !== undefined && { otpExpiresAt: formatTimestamp(otpExpiresAt) }),
    },
  }
  return replyWith('otp', outcome, members)
}

function toldOutcome(deps: ReplyDeps, binding: Binding, heard: OutcomeName): OutcomeName {
  return heard === 'requestInProgress' ? silenceOf(deps, binding) : heard
}

function authCodeMember({ vault, channels }: ReplyDeps, binding: Binding): { authCode?: string } {
  const isTold = binding.flow === 'H2H' || traitsOf(channels, binding.channel).paysWithCustomerToken
  return isTold ? { authCode: authCodeOf(vault, binding) } : {}
}

function refusalReply(operation: Operation, outcome: OutcomeName): StoredReply {
  return replyWith(operation, outcome, {})
}

function replyWith(operation: Operation, outcome: OutcomeName, members: object): StoredReply {
  const words = {
    responseCode: responseCode(operation, outcome),
    responseMessage: responseMessage(outcome),
  }
  return { status: OUTCOMES[outcome].status, text: JSON.stringify({ ...words, ...members }) }
}
