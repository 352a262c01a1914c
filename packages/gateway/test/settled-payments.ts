import type { Merchant } from './merchant.ts'
import type { Stage } from './stage.ts'

export interface SettledPayment {
  /** Its number, of at most 32 characters. */
  readonly no: string
  readonly channel?: string
  readonly particulars?: object
  /** V2, with the token that the payment was given. */
  readonly bankCardToken?: string
}

/** Paid payments and their events, as a settlement leaves them, in one commit: for what the simulator has no way to bring about. */
export async function settlePayments(
  stage: Pick<Stage, 'query'>,
  merchant: Merchant,
  payments: readonly SettledPayment[],
): Promise<void> {
  await stage.query(
    `with asked as (
       select * from json_to_recordset($2) as a (no text, channel text, particulars json, "bankCardToken" text)),
     kept as (
       insert into card_tokens (partner_id, bank_card_token, account_id, channel, card_lookup, issuer_number, last_four, data_key_sealed,
         card_sealed, network_token_sealed, created_at)
       select $1, "bankCardToken", md5("bankCardToken"), 'KKI', sha256("bankCardToken"::bytea), '93600002', '0037', 'x', 'x', 'x', now()
         from asked where "bankCardToken" is not null),
     paid as (
       insert into payments (partner_id, reference_no, partner_reference_no, external_id, request_date, channel, issuer_number,
         amount_minor, card_sealed, card_lookup, state, outcome, network_reference_no, sequence, created_at, expires_at, settled_at,
         particulars, variant, bank_card_token, bind_state)
       select $1, no, 'INV' || no, no, current_date, coalesce(channel, 'KARTU_KREDIT_INDONESIA_SNAP'), '93600002', 1000000, 'x',
              sha256('x'), 'paid', 'successful', 'N', 1, now(), now(), now(), particulars,
              case when "bankCardToken" is null then 'V1' else 'V2' end::payment_variant, "bankCardToken",
              case when "bankCardToken" is not null then 'bound' end::bind_state
         from asked)
     insert into outbox (partner_id, event_date, reference_no, sequence, type, body, created_at)
     select $1, current_date, no, 1, 'payment.settled.v1', '{}', now() from asked`,
    [merchant.keys.partnerId, JSON.stringify(payments)],
  )
}
