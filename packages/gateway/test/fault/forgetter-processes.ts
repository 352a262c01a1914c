import {
  claimSurplusAlert,
  endSurplus,
  isCardPaying,
  postponeSurplus,
  takeDueSurplus,
} from '../../src/card-token/surplus/store.ts'
import type { DueSurplus } from '../../src/card-token/surplus/surplus-token.ts'
import type { Channel } from '../../src/channels/channel.ts'
import type { Clock } from '../../src/clock.ts'
import { openConfiguredVault } from '../../src/config.ts'
import { openDatabase } from '../../src/database/pool.ts'
import { openForgetter } from '../../src/unbinding/forgetter.ts'
import type { Ending } from '../../src/unbinding/unbinding.ts'
import type { Stage } from '../stage.ts'
import { Died, type Fate } from './process-alike.ts'

export const LEASE_MS = 30_000
export const ALERT_MS = 86_400_000

/** What a process of the gateway does about surplus tokens, over the real database, and mortal at each call. */
export function openForgetterProcesses(stage: Stage, clock: Clock, network: { readonly channel: Channel }) {
  const { sql, close } = openDatabase({ url: stage.databaseUrl, connections: 4, timeoutMs: 5_000 })
  const vault = openConfiguredVault(stage.config)
  const ended: { token: DueSurplus; ending: Ending }[] = []
  const alerted: DueSurplus[] = []
  const { bindings } = network.channel
  if (bindings === undefined) throw new Error('The network keeps no cards')

  return {
    ended,
    alerted,

    /** One pass of the loop. Throws what it met. */
    async pass(fate: Fate) {
      const faults: unknown[] = []
      const mortal = {
        ...bindings,
        unbind: fate.guard('unbinding', bindings.unbind),
        inquireUnbinding: fate.guard('inquiry', bindings.inquireUnbinding),
      }
      const forgetter = openForgetter({
        clock,
        vault,
        channels: [{ ...network.channel, bindings: mortal }],
        most: 16,
        timeoutMs: 1_000,
        firstPauseMs: 1_000,
        longestPauseMs: 60_000,
        alertMs: ALERT_MS,
        take: fate.guard('taking', (now, most) => takeDueSurplus(sql, now, { until: now + LEASE_MS, most })),
        isPaying: fate.guard('reading', (token) => isCardPaying(sql, token)),
        postpone: fate.guard('postponement', (token, delay) => postponeSurplus(sql, token, delay)),
        end: fate.guard('ending', (token, { state, networkCode }, at) =>
          endSurplus(sql, token, { isForgotten: state === 'completed', networkCode, at }),
        ),
        claimAlert: (token, at) => claimSurplusAlert(sql, token, at),
        onEnded: (token, ending) => void ended.push({ token, ending }),
        onSilence: (token) => void alerted.push(token),
        onFault: (fault) => void faults.push(fault),
      })
      await forgetter.pass()
      await forgetter.idle()
      const died = faults.find((fault) => fault instanceof Died)
      if (faults.length > 0) throw died ?? faults[0]
    },

    close,
  }
}

export type ForgetterProcesses = ReturnType<typeof openForgetterProcesses>
