import { takeAccountOrder } from '../../src/binding/account-order.ts'
import type { Binding, BindingName } from '../../src/binding/binding.ts'
import { takeOrder } from '../../src/binding/card-order.ts'
import { otp } from '../../src/binding/otp.ts'
import { otpVerification } from '../../src/binding/otp-verification.ts'
import { type ReconcileDeps, reconcileBindings } from '../../src/binding/reconcile.ts'
import { register } from '../../src/binding/registration.ts'
import { postponeBinding, takeDueBindings } from '../../src/binding/store.ts'
import type { CardToKeep } from '../../src/card-token/card-token.ts'
import type { Bindings, Channel } from '../../src/channels/channel.ts'
import { kkiChannel } from '../../src/channels/kki/index.ts'
import type { Clock } from '../../src/clock.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { openSession, pageUrlOf } from '../../src/hosted/sessions.ts'
import { openDirectory } from '../../src/partner/partner.ts'
import { newReferenceNo } from '../../src/payment/order.ts'
import type { AskedRequest } from '../../src/request-id/sealed-reply.ts'
import { Secret } from '../../src/secret.ts'
import { forgetUnkept } from '../../src/unbinding/unkept.ts'
import { type AccountWish, anAccountBinding } from '../account-customer.ts'
import { aBinding, type BindWish } from '../card-customer.ts'
import { newId } from '../merchant.ts'
import type { Stage } from '../stage.ts'
import type { Fate } from './process-alike.ts'

function pageOf({ partnerId, referenceNo }: BindingName) {
  return { kind: 'binding', partnerId, referenceNo } as const
}

export const SESSION_MS = 900_000
const DAY_MS = 86_400_000

function openKki({ simulator, config }: Stage): Channel {
  return kkiChannel({ url: simulator.url, key: config.networkKey, connections: 8 })
}

/** What a process of the gateway does with bindings, over the real database and the real network, and mortal. */
export function openBindingProcesses(stage: Stage, clock: Clock, network = openKki(stage)) {
  const database = openDatabase({ url: stage.databaseUrl, connections: 4, timeoutMs: 5_000 })
  const vault = openConfiguredVault(stage.config)
  const { bindings: cards } = network
  if (cards === undefined) throw new Error('the channel keeps no cards')
  const directory = openDirectory({ sql: database.sql, vault, clock, keepMs: 5_000, size: 10 })

  const mortal = (fate: Fate, faults: unknown[] = []) => {
    const guarded: Bindings = {
      ...cards,
      bind: fate.guard('bind', cards.bind),
      verifyOtp: fate.guard('verification', cards.verifyOtp),
      resendOtp: fate.guard('resend', cards.resendOtp),
      inquireBinding: fate.guard('inquiry', cards.inquireBinding),
    }
    const channels: readonly Channel[] = [{ ...network, bindings: guarded }]
    const transaction = fate.guard('transaction', database.transaction) as typeof database.transaction
    return {
      clock,
      vault,
      channels,
      transaction,
      sql: database.sql,
      newReferenceNo,
      networkTimeoutMs: 400,
      networkExpiryMs: 30_000,
      firstInquiryMs: 1_000,
      longestRequestMs: 12_000,
      sessionMs: SESSION_MS,
      resendPauseMs: 60_000,
      allowsPrivateHosts: false,
      forget: (sql: Parameters<typeof forgetUnkept>[0], unkept: CardToKeep) =>
        forgetUnkept(sql, { vault, newReferenceNo }, unkept),
      pageUrl: (name: BindingName) => pageUrlOf(vault, 'https://pay.example', pageOf(name)),
      openPage: (sql: Parameters<typeof openSession>[0], binding: Binding) =>
        openSession(sql, vault, pageOf(binding), { createdAt: binding.createdAt, keepMs: DAY_MS }),
      onFault: (fault: unknown) => void faults.push(fault),
    }
  }

  const requestOf = (operation: 'otp' | 'otp-verification', text: string): AskedRequest => ({
    partnerId: stage.merchant.keys.partnerId,
    profile: 'doku',
    operation,
    externalId: newId(),
    claimedAt: clock.now(),
    fingerprint: vault.digest('request', text),
  })

  return {
    /** Asks for a binding, to its end or the end of the process. */
    async bind(fate: Fate, wish: BindWish, flow: 'DH' | 'H2H' = 'H2H') {
      const partner = await directory.find(stage.merchant.keys.partnerId)
      if (partner === undefined) throw new Error('the partner is unknown')
      const deps = mortal(fate)
      const asked = { partner, externalId: newId(), flow, body: aBinding(stage.merchant, wish) }
      return register(deps, takeOrder(deps, asked, clock.now()))
    },

    /** The same for an account, whose customer acts on the page. */
    async bindAccount(fate: Fate, wish: AccountWish) {
      const partner = await directory.find(stage.merchant.keys.partnerId)
      if (partner === undefined) throw new Error('the partner is unknown')
      const deps = mortal(fate)
      const asked = { partner, externalId: newId(), flow: 'DH' as const, body: anAccountBinding(wish) }
      return register(deps, takeAccountOrder(deps, asked, clock.now()))
    },

    /** What the page does with a code or a PIN. */
    type(fate: Fate, referenceNo: string, { step, code }: { step: 'otp' | 'pin'; code: string }) {
      const name = { partnerId: stage.merchant.keys.partnerId, referenceNo }
      return otpVerification(mortal(fate), { name, step, code: new Secret(code) })
    },

    verify(fate: Fate, referenceNo: string, code: string) {
      const name = { partnerId: stage.merchant.keys.partnerId, referenceNo }
      const request = requestOf('otp-verification', `${referenceNo}|${code}`)
      return otpVerification(mortal(fate), { name, code: new Secret(code), request })
    },

    resend(fate: Fate, referenceNo: string) {
      const name = { partnerId: stage.merchant.keys.partnerId, referenceNo }
      return otp(mortal(fate), { name, request: requestOf('otp', referenceNo) })
    },

    /** One pass of the loop; throws the first fault. */
    async reconcile(fate: Fate) {
      const faults: unknown[] = []
      const deps: ReconcileDeps = {
        ...mortal(fate, faults),
        take: fate.guard('taking', async (now) => {
          const due = await takeDueBindings(database.sql, now, { until: now + 4_000, most: 64 })
          // The database's clock jumps with ours: one alone gives nothing up.
          return due.map((binding) => ({ ...binding, takenAt: clock.now() }))
        }),
        postpone: fate.guard('postponement', (binding, dueAt) =>
          postponeBinding(database.sql, binding, dueAt),
        ),
        inquiryTimeoutMs: 1_000,
        expiryMarginMs: 1_000,
        longestPauseMs: 10_000,
        giveUpMs: DAY_MS,
        onSettled: () => {},
      }
      await reconcileBindings(deps)
      if (faults.length > 0) throw faults[0]
    },

    inquire: (referenceNo: string) => cards.inquireBinding(referenceNo, 2_000),

    async close() {
      await network.close()
      await database.close()
    },
  }
}

export type BindingProcesses = ReturnType<typeof openBindingProcesses>
