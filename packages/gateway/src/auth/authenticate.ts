import type { IncomingHttpHeaders } from 'node:http'
import {
  type BodyForm,
  bearerToken,
  findJsonFault,
  headerValue,
  SnapError,
  type TransactionHeaders,
  verifySymmetric,
} from '@gerbang/snap'
import { type Clock, machineTime } from '../clock.ts'
import type { Line } from '../line.ts'
import type { KeyUse } from '../partner/key-use/key-use.ts'
import { isValid } from '../partner/keys.ts'
import type { Partner, PartnerDirectory } from '../partner/partner.ts'
import type { CustomerTokens } from './customer-tokens.ts'
import type { Gates } from './gates.ts'
import type { Tokens } from './tokens.ts'

export interface AuthDeps {
  readonly clock: Clock
  readonly directory: PartnerDirectory
  readonly tokens: Tokens
  readonly customerTokens: CustomerTokens
  /** The card that a customer's token names, if the partner still keeps it. */
  readonly findCustomer: (partnerId: string, accountId: string) => Promise<Customer | undefined>
  /** The card that it named, if the partner keeps it no more, or not for long. */
  readonly findFormerCustomer: (partnerId: string, accountId: string) => Promise<Customer | undefined>
  /** How far X-TIMESTAMP may be off, in milliseconds; 0 turns the check off. */
  readonly toleranceMs: number
  /** What a proxy in front has cut off the path: the partner signed it. */
  readonly pathPrefix: string
  /** Forms of the body that a partner may have signed; undefined means all that are known. */
  readonly forms: readonly BodyForm[] | undefined
  readonly keyUse: KeyUse
  readonly gates: Gates
}

/** A request as it came, before anybody believes a word of it. */
export interface Incoming {
  readonly method: string
  /** Path and query to the letter. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly line: Line
}

/** Whom a customer's token stands for. */
export interface Customer {
  readonly bankCardToken: string
}

export interface Caller {
  readonly partner: Partner
  readonly externalId: string
  /** How the partner wrote the body before hashing it. */
  readonly bodyForm: BodyForm
  /** False when the body, signed as it may be, is no JSON that can be read. */
  readonly isReadable: boolean
  /** Present when the request carries a customer's token: whatever card it means must be this one. */
  readonly customer?: Customer
  /** The same where an operation asks for it, of a card that is gone: it may stand for nothing but what was done with that card. */
  readonly formerCustomer?: Customer
}

/**
 * The checks of a signed transaction whose headers are sound, in SNAP's order: partner, token, signature, time, and whether the partner
 * asks too often: only what it has signed itself counts against it. Throws the SnapError of the first that fails. A body with a doubled
 * member is refused before its signature: two readings, one signature. `takesFormer`: a customer who has left may be named too.
 */
export async function authenticate(
  deps: AuthDeps,
  incoming: Incoming,
  headers: TransactionHeaders,
  { takesFormer = false }: { readonly takesFormer?: boolean | undefined } = {},
): Promise<Caller> {
  const partner = await deps.directory.find(headers.partnerId)
  if (partner === undefined) throw new SnapError('unauthorized', { detail: 'Unknown Client' })
  const accessToken = await checkToken(deps, incoming, partner)

  const fault = incoming.body.length === 0 ? 'not-json' : findJsonFault(incoming.body)
  if (fault === 'duplicate-member') throw new SnapError('badRequest')
  const bodyForm = checkSignature(deps, incoming, {
    headers,
    partner,
    accessToken,
    isSound: fault === undefined,
  })
  checkTime(deps.clock, headers.timestampMs, deps.toleranceMs)
  Object.assign(incoming.line, { partner: partner.partnerId, externalId: headers.externalId, bodyForm })
  await deps.gates.admit(partner, 'transaction', incoming.line)
  const customers = await checkCustomerToken(deps, incoming, { partner, takesFormer })
  return { partner, externalId: headers.externalId, bodyForm, isReadable: fault === undefined, ...customers }
}

async function checkToken(deps: AuthDeps, incoming: Incoming, partner: Partner): Promise<string> {
  const accessToken = bearerToken(headerValue(incoming.headers, 'Authorization'))
  if (accessToken === undefined) throw new SnapError('tokenNotFoundB2b')
  const clientId = await deps.tokens.verify(accessToken)
  if (clientId !== partner.partnerId) throw new SnapError('invalidTokenB2b')
  return accessToken
}

interface SignatureParts {
  readonly headers: TransactionHeaders
  readonly partner: Partner
  readonly accessToken: string
  readonly isSound: boolean
}

function checkSignature(deps: AuthDeps, incoming: Incoming, parts: SignatureParts): BodyForm {
  const forms = parts.isSound ? deps.forms : RAW_ONLY
  const { partnerId, clientSecrets } = parts.partner
  const now = deps.clock.now()
  for (const { keyId, key, validUntil } of clientSecrets) {
    if (!isValid({ validUntil }, now)) continue
    const bodyForm = verifySymmetric({
      secret: key,
      method: incoming.method,
      target: deps.pathPrefix + incoming.target,
      accessToken: parts.accessToken,
      body: incoming.body,
      timestamp: parts.headers.timestamp,
      signature: parts.headers.signature,
      ...(forms && { forms }),
    })
    if (bodyForm === undefined) continue
    deps.keyUse.note(partnerId, keyId)
    return bodyForm
  }
  throw new SnapError('unauthorized', { detail: 'Invalid Signature' })
}

/** What is not JSON has no other form. */
const RAW_ONLY: readonly BodyForm[] = ['raw']

/** A partner's own clock is not set with ours, so while ours is set ahead the machine's time is as good. */
export function checkTime(clock: Clock, timestampMs: number, toleranceMs: number): void {
  const now = clock.now()
  const offBy = Math.min(Math.abs(now - timestampMs), Math.abs(machineTime(clock) - timestampMs))
  if (toleranceMs === 0 || offBy <= toleranceMs) return
  throw new SnapError('unauthorized', { detail: 'Timestamp expired' })
}

/**
 * Optional for KKI. Anybody else's token means nothing here. One of ours must be the partner's own and alive, and so must its card:
 * that is asked of the database each time, so a token dies in the moment in which the card is unbound.
 */
async function checkCustomerToken(
  deps: AuthDeps,
  incoming: Incoming,
  { partner, takesFormer }: { readonly partner: Partner; readonly takesFormer: boolean },
): Promise<Pick<Caller, 'customer' | 'formerCustomer'>> {
  const token = bearerToken(headerValue(incoming.headers, 'Authorization-Customer'))
  const read = token === undefined ? undefined : await deps.customerTokens.read(token)
  if (read === undefined) return {}
  const { kind, clientId, accountId, isExpired } = read
  if (kind !== 'access' || clientId !== partner.partnerId) throw new SnapError('invalidCustomerToken')
  if (accountId === undefined && !isExpired) return {}
  if (accountId === undefined || (isExpired && !takesFormer)) throw new SnapError('invalidCustomerToken')
  const customer = isExpired ? undefined : await deps.findCustomer(clientId, accountId)
  if (customer !== undefined) return { customer }
  const formerCustomer = takesFormer ? await deps.findFormerCustomer(clientId, accountId) : undefined
  if (formerCustomer === undefined) throw new SnapError('invalidCustomerToken')
  return { formerCustomer }
}
