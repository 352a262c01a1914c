import { type OutcomeName, wibDate } from '@gerbang/snap'
import type { Sql } from '../database/pool.ts'
import type { Binding, BindingKind, BindingName, BindingStep, Flow } from './binding.ts'
import { type BindingState, NOT_OVER, PENDING_STATES, predecessorsOf } from './states.ts'

interface BindingRow {
  readonly partner_id: string
  readonly reference_no: string
  readonly external_id: string
  readonly partner_reference_no: string | null
  readonly journey_id: string | null
  readonly channel: string
  readonly flow: Flow
  readonly kind: BindingKind
  readonly step: BindingStep
  readonly cust_id_merchant: string
  readonly card_lookup: Buffer
  readonly card_sealed: string | null
  readonly issuer_number: string
  readonly last_four: string
  readonly phone_masked: string | null
  readonly auth_code_lookup: Buffer
  readonly success_url: string | null
  readonly failed_url: string | null
  readonly state: BindingState
  readonly sequence: number
  readonly outcome: OutcomeName | null
  readonly network_reference_no: string | null
  readonly network_code: string | null
  readonly bank_card_token: string | null
  readonly attempts: number
  readonly trying: number | null
  readonly resends: number
  readonly otp_requests: number
  readonly otp_sent_at: Date | null
  readonly otp_expires_at: Date | null
  readonly inquiries: number
  readonly created_at: Date
  readonly expires_at: Date
  readonly due_at: Date | null
  readonly settled_at: Date | null
}

export async function insertBinding(sql: Sql, binding: Binding): Promise<void> {
  await sql`
    insert into bindings (
      partner_id, reference_no, external_id, request_date, partner_reference_no, journey_id, channel, flow, kind,
      cust_id_merchant, card_lookup, card_sealed, issuer_number, last_four, phone_masked, auth_code_lookup, success_url,
      failed_url, state, created_at, expires_at, due_at)
    values (
      ${binding.partnerId}, ${binding.referenceNo}, ${binding.externalId}, ${wibDate(binding.createdAt)}::date,
      ${binding.partnerReferenceNo}, ${binding.journeyId}, ${binding.channel}, ${binding.flow},
      ${binding.kind},
      ${binding.custIdMerchant}, ${binding.cardLookup}, ${binding.cardSealed}, ${binding.issuerNumber},
      ${binding.lastFour}, ${binding.phoneMasked}, ${binding.authCodeLookup}, ${binding.successUrl},
      ${binding.failedUrl}, ${binding.state}, ${at(binding.createdAt)}, ${at(binding.expiresAt)}, ${at(binding.dueAt)})`
}

/** Everything of a binding that changes, if the state machine allows it. Throws when it does not: the caller holds the lock. */
export async function updateBinding(sql: Sql, binding: Binding): Promise<void> {
  const from = [binding.state, ...predecessorsOf(binding.state)]
  const rows = await sql`
    update bindings set
      state = ${binding.state}, sequence = ${binding.sequence}, outcome = ${binding.outcome},
      network_reference_no = ${binding.networkReferenceNo}, network_code = ${binding.networkCode},
      bank_card_token = ${binding.bankCardToken}, card_sealed = ${binding.cardSealed}, step = ${binding.step},
      attempts = ${binding.attempts},
      trying = ${binding.trying}, resends = ${binding.resends}, otp_requests = ${binding.otpRequests},
      otp_sent_at = ${at(binding.otpSentAt)}, otp_expires_at = ${at(binding.otpExpiresAt)}, inquiries = ${binding.inquiries},
      expires_at = ${at(binding.expiresAt)}, due_at = ${at(binding.dueAt)}, settled_at = ${at(binding.settledAt)}
     where partner_id = ${binding.partnerId} and reference_no = ${binding.referenceNo}
       and state = any (${from}::binding_state[])
    returning 1`
  if (rows.length === 0) throw new Error(`No binding may become ${binding.state} from where it stands`)
}

export async function findBinding(sql: Sql, name: BindingName): Promise<Binding | undefined> {
  const rows = await sql<BindingRow>`
    select * from bindings where partner_id = ${name.partnerId} and reference_no = ${name.referenceNo}`
  return rows[0] && toBinding(rows[0])
}

/** The same, locked until the transaction ends. Throws when there is none. */
export async function lockBinding(sql: Sql, name: BindingName): Promise<Binding> {
  const [row] = await sql<BindingRow>`
    select * from bindings where partner_id = ${name.partnerId} and reference_no = ${name.referenceNo} for update`
  if (row === undefined) throw new Error('The binding is not there any more')
  return toBinding(row)
}

/** One holder of a text at a time, until its transaction ends: what has no row yet cannot be locked otherwise. */
export async function lockText(sql: Sql, text: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${text}, 3))`
}

/** The partner's bindings under its own reference, the latest first. */
export async function findByPartnerReference(
  sql: Sql,
  partnerId: string,
  partnerReferenceNo: string,
): Promise<readonly Binding[]> {
  const rows = await sql<BindingRow>`
    select * from bindings where partner_id = ${partnerId} and partner_reference_no = ${partnerReferenceNo}
     order by created_at desc limit 100`
  return rows.map(toBinding)
}

type Pair = Pick<Binding, 'partnerId' | 'channel' | 'kind' | 'cardLookup' | 'custIdMerchant'>

/**
 * The bindings of one card and one customer that are not over, locked: a pending one, and a living one. Of an account the living
 * one of any customer: what others have asked for and not confirmed keeps nobody from it.
 */
export async function lockPair(sql: Sql, pair: Pair): Promise<readonly Binding[]> {
  const rows = await sql<BindingRow>`
    select * from bindings
     where partner_id = ${pair.partnerId} and channel = ${pair.channel} and card_lookup = ${pair.cardLookup}
       and (cust_id_merchant = ${pair.custIdMerchant} or kind = 'account' and state in ('active', 'unbinding'))
       and state = any (${NOT_OVER}::binding_state[])
     order by reference_no for update`
  return rows.map(toBinding)
}

export interface NamedBy {
  readonly partnerId: string
  readonly referenceNo?: string | undefined
  readonly authCodeLookup?: Buffer | undefined
  readonly partnerReferenceNo?: string | undefined
  readonly journeyId?: string | undefined
}

/** The binding of that name; of several under one name the one that is still open, else the latest. */
export async function findNamed(sql: Sql, names: NamedBy): Promise<Binding | undefined> {
  const { partnerId, referenceNo, authCodeLookup, partnerReferenceNo, journeyId } = names
  const rows = await sql<BindingRow>`
    select b.* from (
      (select * from bindings where partner_id = ${partnerId} and reference_no = ${referenceNo})
      union all
      (select * from bindings where partner_id = ${partnerId} and auth_code_lookup = ${authCodeLookup})
      union all
      (select * from bindings where partner_id = ${partnerId} and partner_reference_no = ${partnerReferenceNo})
      union all
      (select * from bindings where partner_id = ${partnerId} and journey_id = ${journeyId})) b
     order by (b.state = any (${PENDING_STATES}::binding_state[])) desc, b.created_at desc limit 1`
  return rows[0] && toBinding(rows[0])
}

/** The tokens of the cards that were kept within a journey, a hundred at most. */
export async function findCardsOfJourney(
  sql: Sql,
  partnerId: string,
  journeyId: string,
): Promise<readonly string[]> {
  const rows = await sql<{ bank_card_token: string }>`
    select distinct bank_card_token from bindings
     where partner_id = ${partnerId} and journey_id = ${journeyId} and bank_card_token is not null limit 100`
  return rows.map((row) => row.bank_card_token)
}

export interface DueBinding extends Binding {
  /** By the database's clock, in epoch milliseconds. */
  readonly takenAt: number
}

/** Takes at most so many bindings that are due; nobody else takes them before `until`. */
export async function takeDueBindings(
  sql: Sql,
  now: number,
  { until, most }: { until: number; most: number },
): Promise<readonly DueBinding[]> {
  const rows = await sql<BindingRow & { readonly taken_at: Date }>`
    update bindings b set due_at = ${at(until)}, inquiries = b.inquiries + 1
      from (select partner_id, reference_no from bindings
             where due_at <= ${at(now)} and state = any (${PENDING_STATES}::binding_state[])
             order by due_at limit ${most} for update skip locked) due
     where b.partner_id = due.partner_id and b.reference_no = due.reference_no
    returning b.*, clock_timestamp() as taken_at`
  return rows.map((row) => ({ ...toBinding(row), takenAt: row.taken_at.getTime() }))
}

/** Puts the next inquiry off, unless the binding has moved on since it was taken. */
export async function postponeBinding(sql: Sql, taken: Binding, dueAt: number): Promise<void> {
  await sql`
    update bindings set due_at = ${at(dueAt)}
     where partner_id = ${taken.partnerId} and reference_no = ${taken.referenceNo} and due_at = ${at(taken.dueAt)}
       and state = ${taken.state}`
}

function at(ms: number | undefined): Date | null {
  return ms === undefined ? null : new Date(ms)
}

function toBinding(row: BindingRow): Binding {
  return {
    partnerId: row.partner_id,
    referenceNo: row.reference_no,
    externalId: row.external_id,
    partnerReferenceNo: row.partner_reference_no ?? undefined,
    journeyId: row.journey_id ?? undefined,
    channel: row.channel,
    flow: row.flow,
    kind: row.kind,
    step: row.step,
    custIdMerchant: row.cust_id_merchant,
    cardLookup: row.card_lookup,
    cardSealed: row.card_sealed ?? undefined,
    issuerNumber: row.issuer_number,
    lastFour: row.last_four,
    phoneMasked: row.phone_masked ?? undefined,
    authCodeLookup: row.auth_code_lookup,
    successUrl: row.success_url ?? undefined,
    failedUrl: row.failed_url ?? undefined,
    state: row.state,
    sequence: row.sequence,
    outcome: row.outcome ?? undefined,
    networkReferenceNo: row.network_reference_no ?? undefined,
    networkCode: row.network_code ?? undefined,
    bankCardToken: row.bank_card_token ?? undefined,
    attempts: row.attempts,
    trying: row.trying ?? undefined,
    resends: row.resends,
    otpRequests: row.otp_requests,
    otpSentAt: row.otp_sent_at?.getTime(),
    otpExpiresAt: row.otp_expires_at?.getTime(),
    inquiries: row.inquiries,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
    dueAt: row.due_at?.getTime(),
    settledAt: row.settled_at?.getTime(),
  }
}
