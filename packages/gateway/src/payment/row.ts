import type { PaymentVariant } from '@gerbang/snap'
import type { Particulars } from './particulars.ts'
import type { KnownPayment, OpenPayment } from './payment.ts'
import type { PaymentState } from './states.ts'

/** A payment as it stands in the database. */
export interface PaymentRow {
  partner_id: string
  profile: 'doku' | 'snap'
  reference_no: string
  partner_reference_no: string
  external_id: string
  channel: string
  state: PaymentState
  outcome: string | null
  amount_minor: string
  variant: PaymentVariant
  bank_card_token: string | null
  bind_state: 'wanted' | 'bound' | 'declined' | null
  network_reference_no: string | null
  network_code: string | null
  inquiries: number
  created_at: Date
  expires_at: Date
  settled_at: Date | null
  particulars: Particulars | null
}

/** What is known of it while it is open. */
export function openPayment(row: PaymentRow): OpenPayment {
  return {
    partnerId: row.partner_id,
    profile: row.profile,
    referenceNo: row.reference_no,
    partnerReferenceNo: row.partner_reference_no,
    externalId: row.external_id,
    channel: row.channel,
    amountMinor: BigInt(row.amount_minor),
    variant: row.variant,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  }
}

/** What a partner may ask of it. */
export function knownPayment(row: PaymentRow): KnownPayment {
  return {
    ...openPayment(row),
    state: row.state,
    outcome: row.outcome ?? undefined,
    networkReferenceNo: row.network_reference_no ?? undefined,
    bankCardToken: row.bank_card_token ?? undefined,
    bindState: row.bind_state ?? undefined,
    flow: row.particulars?.visiting?.flow,
    settledAt: row.settled_at?.getTime(),
  }
}
