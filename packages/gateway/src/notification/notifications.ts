import type { Config } from '../config.ts'
import { openDatabase } from '../database/pool.ts'
import {
  findAttempts,
  findNotifications,
  type ListedNotification,
  type NotificationAttempt,
  requestFailed,
  requestOne,
} from './resend/store.ts'

export type { ListedNotification, NotificationAttempt } from './resend/store.ts'

export interface NotificationFilter {
  readonly partnerId?: string | undefined
  /** ISO 8601: made at this time or later. */
  readonly since?: string | undefined
  readonly state?: 'pending' | 'delivered' | 'given-up' | undefined
  /** The payment, refund or binding. */
  readonly referenceNo?: string | undefined
  /** At most 1000; 50 when absent. */
  readonly most?: number | undefined
}

/** `requested`: it goes out as soon as its endpoint takes it. `underway`: a resend was asked for already. */
export type ResendAnswer = 'requested' | 'underway' | 'unknown' | 'without-url'

export interface Notifications {
  /** The newest first. */
  list(filter?: NotificationFilter): Promise<readonly ListedNotification[]>
  /** In their order. */
  attempts(partnerId: string, notificationNo: string): Promise<readonly NotificationAttempt[]>
  /** Sends it once more, whatever its state: the schedule goes on as if nothing had happened, unless it arrives. */
  resend(partnerId: string, notificationNo: string): Promise<ResendAnswer>
  /**
   * Sends all that were given up since then once more, of one partner or of all, so many to an endpoint in a second as
   * `GERBANG_NOTIFY_RESENDS_PER_SECOND` says. Returns how many.
   */
  resendFailedSince(since: string, partnerId?: string): Promise<number>
  close(): Promise<void>
}

const MOST = 1000
const USUAL = 50

/** The notifications of the database that the configuration names, for those who operate the gateway. `now` in epoch milliseconds. */
export function openNotifications(config: Config, now: () => number = Date.now): Notifications {
  const database = openDatabase({ url: config.databaseUrl.reveal(), connections: 1, timeoutMs: 30_000 })
  const { sql } = database
  return {
    list: (filter = {}) =>
      findNotifications(sql, {
        ...filter,
        since: sinceOf(filter.since),
        most: Math.min(filter.most ?? USUAL, MOST),
      }),
    attempts: (partnerId, notificationNo) => findAttempts(sql, partnerId, numberOf(notificationNo)),
    resend: (partnerId, notificationNo) =>
      requestOne(sql, { partnerId, notificationNo: numberOf(notificationNo) }, now()),
    resendFailedSince: (since, partnerId) =>
      requestFailed(
        sql,
        { since: sinceOf(since) ?? new Date(0), partnerId, perSecond: config.notifyResendsPerSecond },
        now(),
      ),
    close: () => database.close(),
  }
}

function sinceOf(text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const at = new Date(text)
  if (Number.isNaN(at.getTime())) throw new Error('That is not a time in the form of ISO 8601')
  return at
}

function numberOf(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new Error('The number of a notification is a whole number')
  return text
}
