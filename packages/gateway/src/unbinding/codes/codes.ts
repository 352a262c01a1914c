import { bearerToken, headerValue, type OtpVerificationBody, SnapError } from '@gerbang/snap'
import type { AuthDeps } from '../../auth/authenticate.ts'
import type { SignedCall } from '../../auth/signed-route.ts'
import { channelNamed, findChannel } from '../../channels/index.ts'
import type { Database } from '../../database/pool.ts'
import type { StoredReply } from '../../reply.ts'
import type { AskedRequest } from '../../request-id/sealed-reply.ts'
import { Secret } from '../../secret.ts'
import { readTokenId } from '../token-id.ts'
import type { ConfirmedUnbinding } from './store.ts'
import { type VerifyDeps, verifyUnbinding } from './verify.ts'

export interface CodeDeps extends VerifyDeps, Pick<AuthDeps, 'customerTokens'> {
  readonly database: Pick<Database, 'sql' | 'transaction'>
}

/** What partners send about the code with which a customer ends what is kept. */
export interface UnbindingCodes {
  /** Service 04. Throws what `verifyUnbinding` throws, and SnapError for a body that names no account, or another one. */
  verify(call: SignedCall<OtpVerificationBody>): Promise<StoredReply>
}

export function openUnbindingCodes(deps: CodeDeps): UnbindingCodes {
  return {
    async verify(call) {
      const { body, line } = call
      const bankCardToken = await accountOf(deps, call)
      const { unbinding, reply, fault } = await verifyUnbinding(deps, {
        bankCardToken,
        code: new Secret(body.otp),
        request: requestOf(deps, call),
        expectNamed: (found) => agree(deps, call, found),
      })
      line.state = unbinding?.state ?? 'replay'
      if (fault !== undefined) line.fault = fault
      return reply
    },
  }
}

/** The account as the body names it, or else the customer's own. */
async function accountOf(deps: CodeDeps, { caller, headers, body }: Call): Promise<string | undefined> {
  const { customer, partner } = caller
  const given =
    body.additionalInfo?.bankCardToken ?? bearerToken(headerValue(headers, 'Authorization-Customer'))
  if (given === undefined)
    throw new SnapError('invalidMandatoryField', { detail: 'additionalInfo.bankCardToken' })
  const named = await readTokenId(deps, partner.partnerId, given)
  if (named.kind === 'foreign') throw new SnapError('invalidCustomerToken')
  if (customer !== undefined && customer.bankCardToken !== named.bankCardToken)
    throw new SnapError('inconsistentRequest')
  return named.bankCardToken
}

type Call = SignedCall<OtpVerificationBody>

/** Whatever the body says besides must be true of the unbinding. */
function agree({ channels }: CodeDeps, { body, line }: Call, unbinding: ConfirmedUnbinding): void {
  const { originalReferenceNo, originalPartnerReferenceNo, additionalInfo } = body
  const { referenceNo, partnerReferenceNo, channel } = unbinding
  line.referenceNo = referenceNo
  line.channel = channel
  const isNamed = (originalReferenceNo ?? referenceNo) === referenceNo
  const isMeant =
    originalPartnerReferenceNo === undefined || originalPartnerReferenceNo === partnerReferenceNo
  if (!isNamed || !isMeant) throw new SnapError('inconsistentRequest')
  const { min = 0, max = 0 } = channelNamed(channels, channel)?.profile.binding?.otp ?? {}
  if (body.otp.length < min || body.otp.length > max)
    throw new SnapError('invalidFieldFormat', { detail: 'otp' })
  const asked = additionalInfo?.channel
  if (asked === undefined) return
  const named = findChannel(channels, { name: asked, chargeToken: undefined })
  if (named === undefined) throw new SnapError('invalidFieldFormat', { detail: 'additionalInfo.channel' })
  if (named.profile.name !== channel) throw new SnapError('inconsistentRequest')
}

function requestOf(deps: CodeDeps, { caller, body }: Call): AskedRequest {
  const { partnerId, profile } = caller.partner
  return {
    partnerId,
    profile,
    operation: 'otp-verification',
    externalId: caller.externalId,
    claimedAt: deps.clock.now(),
    fingerprint: deps.vault.digest('request', `otp-verification|${JSON.stringify(body)}`),
  }
}
