import { headerValue, type Profile } from '@gerbang/snap'
import type { FastifyRequest } from 'fastify'
import type { PartnerDirectory } from '../partner/partner.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** By whose rules a refusal is numbered; undefined while that is not known. */
    profile: Profile | undefined
  }
}

const PARTNER_ID = /^[A-Za-z0-9._-]{1,64}$/

/** A hook that learns how the partner that a request names wants its codes. It refuses nothing and believes nothing. */
export function knowProfileFirst(directory: PartnerDirectory) {
  return async (request: FastifyRequest): Promise<void> => {
    const partnerId = headerValue(request.headers, 'X-PARTNER-ID')
    if (partnerId === undefined || !PARTNER_ID.test(partnerId)) return
    const found = Promise.resolve(directory.find(partnerId))
    request.profile = await found.then(
      (partner) => partner?.profile,
      // The database is away: whoever needs the partner will say so.
      () => undefined,
    )
  }
}
