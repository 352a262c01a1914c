import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { openPartners, type PartnerChanges } from '../src/index.ts'
import { SetClock } from './fault/process-alike.ts'
import type { Merchant } from './merchant.ts'
import { NOTIFY_PATH, openSink, type Sink, TOKEN_PATH } from './partner-sink.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

/** A stage in demo mode with a clock that jumps, on which partners may have a server of their own. */
export interface NotifiedStage extends Stage {
  readonly clock: SetClock
  /** A server for the partner; its URLs are not set yet. */
  openSinkFor(merchant: Merchant, port?: number): Promise<Sink>
  /** Tells the gateway of the sink: notifications and, unless it is asymmetric, tokens. */
  subscribe(merchant: Merchant, sink: Sink, changes?: PartnerChanges): Promise<void>
  change(merchant: Merchant, changes: PartnerChanges): Promise<void>
  /** The notifications of a partner once there are so many in that state. */
  untilThere(merchant: Merchant, count: number, state: string): Promise<readonly NotificationRow[]>
}

export interface NotificationRow {
  readonly notification_no: string
  readonly reference_no: string
  readonly kind: string
  readonly state: string
  readonly reason: string | null
  readonly attempts: number
  readonly takings: number
  readonly first_attempt_at: Date | null
  readonly next_attempt_at: Date | null
  readonly due_at: Date | null
}

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

export async function openNotifiedStage(options: StageOptions = {}): Promise<NotifiedStage> {
  const clock = new SetClock()
  const stage = await openStage({
    ...options,
    env: {
      GERBANG_MODE: 'demo',
      GERBANG_NOTIFY_EVERY_MS: '30',
      GERBANG_PARTNER_KEEP_MS: '1',
      ...options.env,
    },
    seams: { clock, ...options.seams },
    simulator: { clock: clock.now, ...options.simulator },
  })
  const gatewayKey = createPublicKey(stage.config.signingKeyFile.reveal())
  const sinks: Sink[] = []
  const change = async (merchant: Merchant, changes: PartnerChanges) => {
    const partners = openPartners(stage.config)
    await partners.change(merchant.keys.partnerId, changes).finally(() => partners.close())
  }
  const rowsOf = (merchant: Merchant) =>
    stage.query<NotificationRow>(
      'select * from notifications where partner_id = $1 order by notification_no',
      [merchant.keys.partnerId],
    )

  return {
    ...stage,
    clock,
    change,
    async openSinkFor(merchant, port = 0) {
      const { clientSecret, partnerId } = merchant.keys
      const sink = await openSink({ clientSecret, partnerId, gatewayKey }, port)
      sinks.push(sink)
      return sink
    },
    subscribe: (merchant, sink, changes = {}) =>
      change(merchant, {
        urls: [
          { purpose: 'notification', url: `${sink.url}${NOTIFY_PATH}` },
          { purpose: 'token', url: `${sink.url}${TOKEN_PATH}` },
        ],
        ...changes,
      }),
    async untilThere(merchant, count, state) {
      const until = Date.now() + 20_000
      for (;;) {
        const rows = await rowsOf(merchant)
        if (rows.filter((row) => row.state === state).length >= count) return rows
        assert.ok(
          Date.now() < until,
          `not ${count} × ${state} but ${rows.map((row) => `${row.state} after ${row.attempts}`).join()}`,
        )
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    async close() {
      await stage.close()
      await Promise.all(sinks.map((sink) => sink.close()))
    },
  }
}
