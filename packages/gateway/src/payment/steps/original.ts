import { type OtpBody, type OtpVerificationBody, SnapError } from '@gerbang/snap'
import type { SignedCall } from '../../auth/signed-route.ts'
import { expectCustomer } from '../customer.ts'
import type { FindPayments } from '../original.ts'
import { journeyText } from '../particulars.ts'
import type { KnownPayment } from '../payment.ts'
import { isFinal } from '../states.ts'

export type CodeCall = SignedCall<OtpBody | OtpVerificationBody>

export interface OriginalDeps {
  readonly find: FindPayments
  readonly findOfJourney: (partnerId: string, journeyId: string) => Promise<readonly KnownPayment[]>
  readonly findOpenOfCard: (partnerId: string, bankCardToken: string) => Promise<readonly KnownPayment[]>
  /** The cards that were kept within a journey of the partner's. */
  readonly findCardsOfJourney: (partnerId: string, journeyId: string) => Promise<readonly string[]>
}

/** Whether a request names something at all. */
export function isNamed({ body }: CodeCall): boolean {
  return referencesOf(body) !== undefined || body.journeyId !== undefined
}

/**
 * The payment that a request about a code means: by its references, else by its journey, the living one before those that failed;
 * else, where the request is about a payment (`isOfPayment`) and the journey is one in which the customer's card was kept, the one
 * open payment of that card. Undefined when there is none. Throws SnapError `inconsistentRequest` when two names disagree,
 * `invalidMandatoryField` when a journey or card has several open payments, `transactionNotFound` when the card has none.
 */
export async function originalOf(
  deps: OriginalDeps,
  call: CodeCall,
  { isOfPayment }: { readonly isOfPayment: boolean },
): Promise<KnownPayment | undefined> {
  const references = referencesOf(call.body)
  if (references !== undefined) return byReference(deps, call, references)
  const { journeyId } = call.body
  if (journeyId === undefined) return undefined
  const ofJourney = await byJourney(deps, call, journeyId)
  return ofJourney === undefined && isOfPayment ? byCard(deps, call, journeyId) : ofJourney
}

interface References {
  readonly partnerReferenceNo: string | undefined
  readonly referenceNos: readonly string[]
}

function referencesOf(body: CodeCall['body']): References | undefined {
  const { originalPartnerReferenceNo: partnerReferenceNo, originalReferenceNo } = body
  const chargeToken = 'chargeToken' in body ? body.chargeToken : undefined
  const referenceNos = [originalReferenceNo, chargeToken].filter((name) => name !== undefined)
  if (partnerReferenceNo === undefined && referenceNos.length === 0) return undefined
  return { partnerReferenceNo, referenceNos }
}

async function byReference(
  { find }: OriginalDeps,
  { caller }: CodeCall,
  { partnerReferenceNo, referenceNos }: References,
): Promise<KnownPayment | undefined> {
  const found = await find(caller.partner.partnerId, { partnerReferenceNo, referenceNo: referenceNos[0] })
  const named = found.find(
    (payment) =>
      (partnerReferenceNo ?? payment.partnerReferenceNo) === payment.partnerReferenceNo &&
      referenceNos.every((name) => name === payment.referenceNo),
  )
  if (found.length > 0 && named === undefined) throw new SnapError('inconsistentRequest')
  return named
}

async function byJourney(
  { findOfJourney }: OriginalDeps,
  { caller }: CodeCall,
  journeyId: string,
): Promise<KnownPayment | undefined> {
  const { customer, partner } = caller
  const found = await findOfJourney(partner.partnerId, journeyText(journeyId))
  const own = found.filter(({ bankCardToken }) => bankCardToken === customer?.bankCardToken)
  const meant = own.length > 0 ? own : found
  return onlyOpen(meant) ?? meant[0]
}

async function byCard(
  { findCardsOfJourney, findOpenOfCard }: OriginalDeps,
  { caller, headers }: CodeCall,
  journeyId: string,
): Promise<KnownPayment | undefined> {
  const { customer, partner } = caller
  const cards = await findCardsOfJourney(partner.partnerId, journeyId)
  if (cards.length === 0) return undefined
  const { bankCardToken } = expectCustomer({ customer, headers })
  if (!cards.includes(bankCardToken)) throw new SnapError('inconsistentRequest')
  const open = await findOpenOfCard(partner.partnerId, bankCardToken)
  const payment = onlyOpen(open.filter(({ flow }) => flow === 'H2H'))
  if (payment === undefined) throw new SnapError('transactionNotFound')
  return payment
}

/** Which of several is meant is never guessed. */
function onlyOpen(payments: readonly KnownPayment[]): KnownPayment | undefined {
  const [payment, ...more] = payments.filter(({ state }) => !isFinal(state))
  if (more.length > 0) throw new SnapError('invalidMandatoryField', { detail: 'originalPartnerReferenceNo' })
  return payment
}
