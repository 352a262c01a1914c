import type { Sql } from '../../database/pool.ts'
import type { BindingSubject, PaymentSubject, Subjects } from './subject.ts'

export interface SubjectKey {
  readonly partnerId: string
  readonly subjectNo: string
}

type PaymentRow = Omit<
  PaymentSubject,
  'amountMinor' | 'bindState' | 'bankCardToken' | 'customerId' | 'account' | 'particulars'
> & {
  readonly partnerId: string
  readonly amountMinor: string
  readonly bindState: Exclude<PaymentSubject['bindState'], undefined> | null
  readonly bankCardToken: string | null
  readonly customerId: string | null
  readonly accountId: string | null
  readonly tokenEndsAt: Date | null
  readonly particulars: unknown
}

type BindingRow = Omit<BindingSubject, 'bankCardToken' | 'createdAt'> & {
  readonly partnerId: string
  readonly bankCardToken: string | null
  readonly createdAt: Date
}

/** What is told, as it stands. The customer of a payment with a kept card is the one who bound it last. */
export async function findSubjects(
  sql: Sql,
  asked: { readonly payments: readonly SubjectKey[]; readonly bindings: readonly SubjectKey[] },
): Promise<Subjects> {
  const payments = asked.payments.length === 0 ? [] : await findPayments(sql, asked.payments)
  const bindings = asked.bindings.length === 0 ? [] : await findBindings(sql, asked.bindings)
  return {
    payments: new Map(payments.map((row) => [`${row.partnerId}|${row.referenceNo}`, paymentOf(row)])),
    bindings: new Map(
      bindings.map((row) => [
        `${row.partnerId}|${row.referenceNo}`,
        { ...row, bankCardToken: row.bankCardToken ?? undefined, createdAt: row.createdAt.getTime() },
      ]),
    ),
  }
}

function paymentOf(row: PaymentRow): PaymentSubject {
  const { particulars, accountId, tokenEndsAt } = row
  return {
    ...row,
    amountMinor: BigInt(row.amountMinor),
    bindState: row.bindState ?? undefined,
    bankCardToken: row.bankCardToken ?? undefined,
    customerId: row.customerId ?? undefined,
    account: accountId === null ? undefined : { accountId, tokenEndsAt: tokenEndsAt?.getTime() },
    particulars: typeof particulars === 'object' && particulars !== null ? { ...particulars } : {},
  }
}

function findPayments(sql: Sql, keys: readonly SubjectKey[]): Promise<readonly PaymentRow[]> {
  return sql<PaymentRow>`
    select p.partner_id as "partnerId", p.reference_no as "referenceNo", p.partner_reference_no as "partnerReferenceNo",
           p.external_id as "externalId", p.channel, p.state, p.amount_minor::text as "amountMinor", p.variant,
           p.bind_state as "bindState", p.bank_card_token as "bankCardToken", p.particulars,
           (select b.cust_id_merchant from bindings b
             where b.partner_id = p.partner_id and b.bank_card_token = p.bank_card_token
             order by b.created_at desc limit 1) as "customerId", t.account_id as "accountId", e.expires_at as "tokenEndsAt"
      from (select distinct * from unnest(${keys.map(({ partnerId }) => partnerId)}::varchar[],
                                          ${keys.map(({ subjectNo }) => subjectNo)}::varchar[])) as k (partner_id, subject_no)
      join payments p on p.partner_id = k.partner_id and p.reference_no = k.subject_no
      left join card_tokens t on t.partner_id = p.partner_id and t.bank_card_token = p.bank_card_token
      left join customer_token_ends e on e.partner_id = t.partner_id and e.account_id = t.account_id`
}

function findBindings(sql: Sql, keys: readonly SubjectKey[]): Promise<readonly BindingRow[]> {
  return sql<BindingRow>`
    select b.partner_id as "partnerId", b.reference_no as "referenceNo", b.external_id as "externalId", b.channel, b.kind,
           b.cust_id_merchant as "customerId", b.bank_card_token as "bankCardToken", b.created_at as "createdAt"
      from (select distinct * from unnest(${keys.map(({ partnerId }) => partnerId)}::varchar[],
                                          ${keys.map(({ subjectNo }) => subjectNo)}::varchar[])) as k (partner_id, subject_no)
      join bindings b on b.partner_id = k.partner_id and b.reference_no = k.subject_no`
}
