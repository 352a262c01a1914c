import { openCustomerTokens } from '../../src/auth/customer-tokens.ts'
import { findCardToken } from '../../src/card-token/card-token.ts'
import type { Clock } from '../../src/clock.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase, type Sql } from '../../src/database/pool.ts'
import { newReferenceNo } from '../../src/payment/order.ts'
import { Secret } from '../../src/secret.ts'
import type { UnbindRequest } from '../../src/unbinding/claim.ts'
import { awaitCode } from '../../src/unbinding/codes/await-code.ts'
import { verifyUnbinding } from '../../src/unbinding/codes/verify.ts'
import { registrationAccountUnbinding } from '../../src/unbinding/registration-account-unbinding.ts'
import { registrationCardUnbind } from '../../src/unbinding/registration-card-unbind.ts'
import { settleUnbinding } from '../../src/unbinding/settle.ts'
import { postponeUnbinding, takeDueUnbindings } from '../../src/unbinding/store.ts'
import { openUnbinder } from '../../src/unbinding/unbinder.ts'
import type { DueUnbinding, Ending } from '../../src/unbinding/unbinding.ts'
import type { CardNetwork } from '../card-network.ts'
import type { Stage } from '../stage.ts'
import { Died, type Fate } from './process-alike.ts'

export const FIRST_PAUSE_MS = 1_000
export const LONGEST_PAUSE_MS = 60_000
export const GIVE_UP_MS = 86_400_000
export const LEASE_MS = 30_000

export interface AskedUnbinding {
  readonly tokenId: string
  readonly externalId: string
  readonly isHostToHost?: boolean
}

export interface TriedCode {
  readonly bankCardToken: string
  readonly otp: string
  readonly externalId: string
}

function requestOf(
  { merchant }: Stage,
  { tokenId, externalId, isHostToHost = false }: AskedUnbinding,
): UnbindRequest {
  const { partnerId } = merchant.keys
  const caller = { partner: { partnerId, profile: 'doku' }, externalId } as const
  // Of the partner only the name and the profile are looked at.
  return { caller: caller as unknown as UnbindRequest['caller'], body: { tokenId }, isHostToHost }
}

/** Who has died reports nothing; anything else is a fault of the test. */
function deathsOnly(fault: unknown): void {
  if (!(fault instanceof Died)) throw fault
}

/** What a process of the gateway does with unbindings, over the real database, and mortal at each statement and each call. */
export function openUnbindingProcesses(stage: Stage, clock: Clock, network: Pick<CardNetwork, 'channel'>) {
  const database = openDatabase({ url: stage.databaseUrl, connections: 4, timeoutMs: 5_000 })
  const vault = openConfiguredVault(stage.config)
  const ended: { unbinding: DueUnbinding; ending: Ending }[] = []

  /** A process that dies between two statements leaves its connection to be rolled back. */
  const mortalTransaction = (fate: Fate) =>
    fate.guard('commit', <Result>(work: (sql: Sql) => Promise<Result>) =>
      database.transaction((sql) => {
        const mortal = (async (text: TemplateStringsArray, ...values: readonly unknown[]) => {
          fate.cross('a statement')
          return sql(text, ...values)
        }) as Sql
        return work(mortal)
      }),
    ) as typeof database.transaction

  const mortalChannel = (fate: Fate) => {
    const { bindings: cards } = network.channel
    if (cards === undefined) throw new Error('The network keeps no cards')
    return {
      ...network.channel,
      bindings: {
        ...cards,
        unbind: fate.guard('unbinding', cards.unbind),
        inquireUnbinding: fate.guard('inquiry', cards.inquireUnbinding),
        ...(cards.verifyUnbinding && {
          verifyUnbinding: fate.guard('verification', cards.verifyUnbinding),
        }),
      },
    }
  }

  const depsOf = (fate: Fate) => ({
    clock,
    vault,
    channels: [mortalChannel(fate)],
    database: { sql: database.sql, transaction: mortalTransaction(fate) },
    newReferenceNo,
    customerTokens: openCustomerTokens({
      signingKey: stage.config.signingKeyFile,
      refreshKey: Buffer.alloc(32, 1),
      issuer: 'DOKU',
      accessSeconds: 60,
      refreshSeconds: 60,
      leewaySeconds: 0,
      clock,
    }),
  })

  return {
    vault,
    ended,

    /** Takes one request to its end, or to the end of the process. */
    unbind: (fate: Fate, asked: AskedUnbinding) =>
      registrationCardUnbind(depsOf(fate), requestOf(stage, asked)),

    /** The same where the network is told within the request. */
    unbindAccount(fate: Fate, asked: AskedUnbinding) {
      const deps = {
        ...depsOf(fate),
        timeoutMs: 1_000,
        leaseMs: LEASE_MS,
        firstPauseMs: FIRST_PAUSE_MS,
        onFault: (fault: unknown) => void deathsOnly(fault),
      }
      return registrationAccountUnbinding(deps, requestOf(stage, asked))
    },

    /** The code of the account's customer. */
    verify(fate: Fate, { bankCardToken, otp, externalId }: TriedCode) {
      const { partnerId } = stage.merchant.keys
      const request = {
        partnerId,
        profile: 'doku',
        operation: 'otp-verification',
        externalId,
        claimedAt: clock.now(),
        fingerprint: vault.digest('request', `${bankCardToken}|${otp}`),
      } as const
      return verifyUnbinding(
        { ...depsOf(fate), timeoutMs: 1_000, leaseMs: LEASE_MS, firstPauseMs: FIRST_PAUSE_MS },
        { bankCardToken, code: new Secret(otp), request, expectNamed: () => {} },
      )
    },

    /** One pass of the loop. Throws what it met. */
    async pass(fate: Fate) {
      const faults: unknown[] = []
      const transaction = mortalTransaction(fate)
      const unbinder = openUnbinder({
        clock,
        vault,
        channels: [mortalChannel(fate)],
        most: 16,
        timeoutMs: 1_000,
        firstPauseMs: FIRST_PAUSE_MS,
        longestPauseMs: LONGEST_PAUSE_MS,
        giveUpMs: GIVE_UP_MS,
        take: fate.guard('taking', (now, most) =>
          takeDueUnbindings(database.sql, now, { until: now + LEASE_MS, most }),
        ),
        findCard: fate.guard('reading', ({ partnerId, bankCardToken }) =>
          findCardToken(database.sql, partnerId, bankCardToken),
        ),
        postpone: fate.guard('postponement', (unbinding, until) =>
          postponeUnbinding(database.sql, unbinding, until),
        ),
        awaitCode: (unbinding, sent) => transaction((sql) => awaitCode(sql, unbinding, sent)),
        settle: (unbinding, ending, at) => transaction((sql) => settleUnbinding(sql, unbinding, ending, at)),
        onSettled: (unbinding, ending) => void ended.push({ unbinding, ending }),
        onFault: (fault) => void faults.push(fault),
      })
      await unbinder.pass()
      await unbinder.idle()
      const died = faults.find((fault) => fault instanceof Died)
      if (faults.length > 0) throw died ?? faults[0]
    },

    close: () => database.close(),
  }
}

export type UnbindingProcesses = ReturnType<typeof openUnbindingProcesses>

/** Questions whose answer must be no row at all, at every moment. */
const FAULTS: Readonly<Record<string, string>> = {
  'a card under way without exactly one open unbinding, or another card with one': `
    select t.bank_card_token from card_tokens t left join unbindings u
        on u.partner_id = t.partner_id and u.bank_card_token = t.bank_card_token and u.due_at is not null
     group by t.partner_id, t.bank_card_token, t.state
    having count(u.*) <> case when t.state = 'unbinding' then 1 else 0 end`,
  'a binding that stands otherwise than its card': `
    select b.reference_no from bindings b join card_tokens t using (partner_id, bank_card_token)
     where b.state::text <> t.state::text`,
  'a card that is gone without a completed unbinding, or the other way round': `
    select t.bank_card_token from card_tokens t left join unbindings u
        on u.partner_id = t.partner_id and u.bank_card_token = t.bank_card_token and u.state = 'completed'
     group by t.partner_id, t.bank_card_token, t.state
    having count(u.*) <> case when t.state = 'inactive' then 1 else 0 end`,
  'an unbinding whose events do not tell how it stands': `
    select u.reference_no from unbindings u left join outbox o using (partner_id, reference_no)
     group by u.partner_id, u.reference_no, u.state
    having array_agg(o.type::text order by o.sequence) <> array['card.unbinding.requested.v1'] ||
           case when u.state in ('completed', 'failed') then array['card.unbinding.' || u.state || '.v1'] else '{}' end
        or array_agg(o.sequence::int order by o.sequence) <> case when u.state in ('completed', 'failed') then '{1,2}' else '{1}'::int[] end`,
  'an unbinding without a request that was answered, or an answer without one': `
    select coalesce(u.reference_no, r.reference_no) from unbindings u full join request_ids r using (partner_id, reference_no)
     where u.reference_no is null or r.reply is null or r.reply not like '{"responseCode":"2000500"%'`,
}

export async function findUnbindingFaults(stage: Pick<Stage, 'query'>): Promise<readonly string[]> {
  const found: string[] = []
  for (const [fault, question] of Object.entries(FAULTS))
    if ((await stage.query(question)).length > 0) found.push(fault)
  return found
}
