import {
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
import type { StoredReply } from '../reply.ts'
import type { Vault } from '../vault/vault.ts'
import { authCodeOf } from './auth-code.ts'
import type { Binding } from './binding.ts'
import { isLost, isPending } from './states.ts'

export interface ReplyDeps {
  readonly vault: Vault
  /** Where cardholders reach the hosted page of a binding. */
  readonly pageUrl: (binding: Binding) => string
}

/**
 * What card binding answers while the binding stands like this. A 202 tells the same names as a 200: the code may come late,
 * and page and authCode are the only ways by which it can then be used.
 */
export function bindReply(deps: ReplyDeps, binding: Binding): StoredReply {
  const { state } = binding
  if (isLost(state)) return refusalReply('registration-card-bind', binding.outcome ?? 'generalError')
  const isAsked = state === 'submitted' || state === 'unresolved'
  const status = isPending(state) ? 'PENDING' : 'SUCCESS'
  const members: Omit<CardBindReply, 'responseCode' | 'responseMessage'> = {
    referenceNo: binding.referenceNo,
    ...(binding.flow === 'DH' && { redirectUrl: deps.pageUrl(binding) }),
    additionalInfo: {
      custIdMerchant: binding.custIdMerchant,
      status,
      accountStatus: status,
      ...authCodeMember(deps.vault, binding),
    },
  }
  return replyWith('registration-card-bind', isAsked ? 'requestInProgress' : 'successful', members)
}

/** What one-time password verification answers; the token is in it when the card is kept and at no other time. */
export function verificationReply(vault: Vault, binding: Binding, outcome: OutcomeName): StoredReply {
  const originalReferenceNo = binding.referenceNo
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
      ...authCodeMember(vault, binding),
    },
  }
  return replyWith('otp-verification', outcome, members)
}

/** What a request for another code answers. */
export function otpReply(vault: Vault, binding: Binding, outcome: OutcomeName): StoredReply {
  const { referenceNo, otpExpiresAt } = binding
  if (outcome === 'requestInProgress') return replyWith('otp', outcome, { originalReferenceNo: referenceNo })
  if (outcome !== 'successful') return refusalReply('otp', outcome)
  const members: Omit<OtpReply, 'responseCode' | 'responseMessage'> = {
    originalReferenceNo: referenceNo,
    additionalInfo: {
      ...authCodeMember(vault, binding),
      ...(otpExpiresAt !== undefined && { otpExpiresAt: formatTimestamp(otpExpiresAt) }),
    },
  }
  return replyWith('otp', outcome, members)
}

function authCodeMember(vault: Vault, binding: Binding): { authCode?: string } {
  return binding.flow === 'H2H' ? { authCode: authCodeOf(vault, binding) } : {}
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
