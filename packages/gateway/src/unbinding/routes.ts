import { type CardUnbindBody, RegistrationCardUnbind } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from '../auth/authenticate.ts'
import { addSignedRoute } from '../auth/signed-route.ts'
import { isRequestUsed } from '../request-id/request-ids.ts'
import { type CardUnbindDeps, registrationCardUnbind } from './registration-card-unbind.ts'

export function addCardUnbindRoute(
  app: FastifyInstance,
  auth: AuthDeps,
  deps: Omit<CardUnbindDeps, 'customerTokens'>,
): void {
  const { customerTokens } = auth
  addSignedRoute<CardUnbindBody>(app, auth, {
    contract: RegistrationCardUnbind,
    isUsed: ({ partner, externalId }) =>
      isRequestUsed(deps.database.sql, {
        partnerId: partner.partnerId,
        operation: RegistrationCardUnbind.operation,
        externalId,
        claimedAt: deps.clock.now(),
      }),
    async handle({ caller, body, line }) {
      const { reply, unbinding } = await registrationCardUnbind({ ...deps, customerTokens }, { caller, body })
      line.state = unbinding === undefined ? 'replay' : 'requested'
      if (unbinding !== undefined) {
        line.referenceNo = unbinding.referenceNo
        line.channel = unbinding.channel
      }
      return reply
    },
  })
}
