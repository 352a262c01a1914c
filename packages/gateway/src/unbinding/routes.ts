import {
  type AccountUnbindingBody,
  type CardUnbindBody,
  type Contract,
  type Operation,
  RegistrationAccountUnbinding,
  RegistrationCardUnbind,
  SnapError,
} from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps, Caller } from '../auth/authenticate.ts'
import { addSignedRoute, type SignedCall } from '../auth/signed-route.ts'
import { flowAsked } from '../channels/flow.ts'
import { channelNamed } from '../channels/index.ts'
import { noteMissing } from '../channels/missing-headers.ts'
import { isRequestUsed } from '../request-id/request-ids.ts'
import type { UnbindRequest } from './claim.ts'
import {
  type AccountUnbindDeps,
  refuseByChannel,
  registrationAccountUnbinding,
} from './registration-account-unbinding.ts'
import { registrationCardUnbind, type UnbindAnswer } from './registration-card-unbind.ts'

type Deps = Omit<AccountUnbindDeps, 'customerTokens'>

/** Forgetting cards, which the network is told of afterwards, and accounts, which it is told of at once. */
export function addUnbindingRoutes(app: FastifyInstance, auth: AuthDeps, given: Deps): void {
  const deps: AccountUnbindDeps = { ...given, customerTokens: auth.customerTokens }
  const isUsed =
    ({ operation }: Contract) =>
    ({ partner, externalId }: Caller) =>
      isRequestUsed(deps.database.sql, {
        partnerId: partner.partnerId,
        operation,
        externalId,
        claimedAt: deps.clock.now(),
      })
  addSignedRoute<CardUnbindBody>(app, auth, {
    contract: RegistrationCardUnbind,
    isUsed: isUsed(RegistrationCardUnbind),
    handle: async (call) => note(deps, call, await registrationCardUnbind(deps, requestOf(call))),
  })
  const isAccountUsed = isUsed(RegistrationAccountUnbinding)
  addSignedRoute<AccountUnbindingBody>(app, auth, {
    contract: RegistrationAccountUnbinding,
    isUsed: isAccountUsed,
    refuse: (request, refusal) => refuseByChannel(deps, request, refusal),
    async handle(call) {
      const request = { ...requestOf(call), isHostToHost: flowAsked(call.headers) === 'H2H' }
      try {
        return note(deps, call, await registrationAccountUnbinding(deps, request))
      } catch (refusal) {
        // An external id that is used up comes before whatever else stands in the way.
        const isOlder = refusal instanceof SnapError && (await isAccountUsed(call.caller))
        return refuseByChannel(deps, request, isOlder ? new SnapError('conflict') : refusal)
      }
    },
  })
}

function requestOf({ caller, body }: SignedCall<CardUnbindBody>): UnbindRequest {
  return { caller, body }
}

function note(
  { channels }: Pick<Deps, 'channels'>,
  { line, headers }: SignedCall<unknown>,
  { reply, unbinding }: UnbindAnswer,
) {
  line.state = unbinding === undefined ? 'replay' : 'requested'
  if (unbinding !== undefined) {
    line.referenceNo = unbinding.referenceNo
    line.channel = unbinding.channel
    const channel = channelNamed(channels, unbinding.channel)
    const operation = line.operation as Operation
    if (channel !== undefined) noteMissing(line, channel.profile, { operation, headers })
  }
  return reply
}
