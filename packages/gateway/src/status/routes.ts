import { Status, type StatusBody } from '@gerbang/snap'
import type { FastifyInstance } from 'fastify'
import type { AuthDeps } from '../auth/authenticate.ts'
import { addSignedRoute } from '../auth/signed-route.ts'
import { type StatusDeps, status } from './status.ts'

export function addStatusRoutes(app: FastifyInstance, auth: AuthDeps, deps: StatusDeps): void {
  addSignedRoute<StatusBody>(app, auth, {
    contract: Status,
    async handle({ caller, body, line }) {
      const reply = await status(deps, caller.partner, body)
      line.referenceNo = reply.originalReferenceNo ?? ''
      line.state = reply.transactionStatusDesc ?? ''
      return { status: 200, text: JSON.stringify(reply) }
    },
  })
}
