import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

export interface NotificationMetrics {
  countAttempt(result: 'delivered' | 'failed', seconds: number): void
  countGivenUp(): void
  /** As the database has it: the figures of several processes are the same ones. */
  setBacklog(backlog: {
    pending: number
    oldestSeconds: number
    unreadSeconds: number
    pausedEndpoints: number
  }): void
}

const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

export function openNotificationMetrics(registry: Registry): NotificationMetrics {
  const registers = [registry]
  const attempts = new Histogram({
    name: 'gerbang_notification_attempt_seconds',
    help: 'Attempts to notify a partner, by result',
    labelNames: ['result'],
    buckets: SECONDS,
    registers,
  })
  const givenUp = new Counter({
    name: 'gerbang_notifications_given_up_total',
    help: 'Notifications that were given up: the last attempt failed, or they cannot be told',
    registers,
  })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers, aggregator: 'max' })
  const pending = gauge('gerbang_notifications_pending', 'Notifications that are still to be delivered')
  const oldest = gauge('gerbang_notification_oldest_pending_seconds', 'Age of the oldest of them')
  const unread = gauge(
    'gerbang_outbox_unread_seconds',
    'Age of the oldest event that no notification was made of yet',
  )
  const paused = gauge('gerbang_notification_endpoints_paused', 'Endpoints of partners that do not answer')
  return {
    countAttempt: (result, seconds) => attempts.labels(result).observe(seconds),
    countGivenUp: () => givenUp.inc(),
    setBacklog(backlog) {
      pending.set(backlog.pending)
      oldest.set(backlog.oldestSeconds)
      unread.set(backlog.unreadSeconds)
      paused.set(backlog.pausedEndpoints)
    },
  }
}
