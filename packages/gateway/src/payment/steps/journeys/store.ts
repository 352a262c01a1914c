import type { Sql } from '../../../database/pool.ts'
import type { KnownPayment } from '../../payment.ts'
import { knownPayment, type PaymentRow } from '../../row.ts'
import type { PaymentName } from '../stepped.ts'

/** Keeps under which journey a payment is found. Safe to repeat; the transaction of `sql` holds the payment's lock. */
export async function writeJourney(
  sql: Sql,
  { partnerId, referenceNo }: PaymentName,
  journeyId: string,
): Promise<void> {
  await sql`
    insert into payment_journeys (partner_id, journey_id, reference_no)
    values (${partnerId}, ${journeyId}, ${referenceNo}) on conflict do nothing`
}

/** The partner's payments of a journey, those that failed last, and of each kind the latest first. Twenty at most. */
export async function findOfJourney(
  sql: Sql,
  partnerId: string,
  journeyId: string,
): Promise<readonly KnownPayment[]> {
  const rows = await sql<PaymentRow>`
    select p.* from payment_journeys j
      join payments p on p.partner_id = j.partner_id and p.reference_no = j.reference_no
     where j.partner_id = ${partnerId} and j.journey_id = ${journeyId}
     order by p.state in ('declined', 'reversed'), p.created_at desc limit 20`
  return rows.map(knownPayment)
}

/** The open payments of a kept card that its customer confirms, the latest first. Twenty at most. */
export async function findOpenOfCard(
  sql: Sql,
  partnerId: string,
  bankCardToken: string,
): Promise<readonly KnownPayment[]> {
  const rows = await sql<PaymentRow>`
    select * from payments
     where partner_id = ${partnerId} and bank_card_token = ${bankCardToken} and due_at is not null and variant = 'V3'
     order by created_at desc limit 20`
  return rows.map(knownPayment)
}
