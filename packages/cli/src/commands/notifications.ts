import type { ListedNotification, NotificationAttempt, Notifications } from '@gerbang/gateway'
import { formatTimestamp } from '@gerbang/snap/timestamp'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { openDemoTime } from '../demo/demo-time.ts'
import { readDuration } from '../duration.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, type Terminal } from '../terminal.ts'
import { type NotificationPlace, namedReference, partnerOf, withNotifications } from './on-notifications.ts'

interface ListOptions extends NotificationPlace {
  readonly since?: string
  readonly state?: ListedNotification['state']
  readonly reference?: string
  readonly limit: string
  readonly json?: boolean
}

const STATES = ['pending', 'delivered', 'given-up'] as const

export function addNotifications(program: Command, context: Context): void {
  program
    .command('notifications')
    .description('what partners were told, or were not; with a number, every attempt')
    .argument('[notification]', 'its number, as in the list')
    .option('--since <duration>', 'made in the last 2h, 30m, 1d …')
    .addOption(new Option('--state <state>', 'only those').choices(STATES))
    .option('--reference <number>', 'of that payment, refund or binding: your number or the gateway’s')
    .option('--partner <id>', 'of that partner; with a number, that of the credentials when absent')
    .option('--limit <count>', 'the newest so many, 1000 at most', '50')
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'print JSON')
    .action((notification: string | undefined, options: ListOptions) =>
      notification === undefined ? list(context, options) : attempts(context, notification, options),
    )
}

async function list(context: Context, options: ListOptions): Promise<void> {
  const { terminal } = context
  if (!/^[1-9]\d{0,3}$/.test(options.limit))
    throw usageFailure('--limit must be a whole number from 1 to 1000.')
  const since =
    options.since === undefined
      ? undefined
      : new Date(openDemoTime(context.config)() - readDuration('--since', options.since)).toISOString()
  const found = await withNotifications(context.config, async (notifications) => {
    const filter = { partnerId: options.partner, since, state: options.state, most: Number(options.limit) }
    return namedReference(context, options, (referenceNo) => notifications.list({ ...filter, referenceNo }))
  })
  if (options.json) sayJson(terminal, found)
  else if (found.length === 0) terminal.say('No notifications.')
  else for (const one of found) terminal.say(lineOf(terminal, one))
}

async function attempts(context: Context, notification: string, options: ListOptions): Promise<void> {
  const partnerId = partnerOf(context.config, options)
  const found = await withNotifications(context.config, (notifications: Notifications) =>
    notifications.attempts(partnerId, notification),
  )
  if (options.json) sayJson(context.terminal, found)
  else if (found.length === 0)
    context.terminal.say(`No attempts of a notification ${notification} of ${partnerId}.`)
  else for (const one of found) context.terminal.say(attemptLine(one))
}

const SHADES = { pending: 'yellow', delivered: 'green', 'given-up': 'red' } as const

function lineOf(terminal: Terminal, one: ListedNotification): string {
  const { notificationNo, createdAt, kind, subjectNo, state, attempts: count } = one
  const parts = [
    notificationNo,
    formatTimestamp(createdAt.getTime()),
    kind,
    subjectNo,
    terminal.shade(SHADES[state], state),
    count === 1 ? '1 attempt' : `${count} attempts`,
    one.isResendRequested ? 'resend under way' : nextOf(one),
    one.reason ?? '',
  ]
  return parts.filter((part) => part !== '').join('  ')
}

function nextOf({ state, nextAttemptAt }: ListedNotification): string {
  return state === 'pending' && nextAttemptAt !== null
    ? `next ${formatTimestamp(nextAttemptAt.getTime())}`
    : ''
}

/** One attempt in a line: when, whether by the schedule, and how it was answered. */
export function attemptLine({ at, isResend, url, status, latencyMs, reason }: NotificationAttempt): string {
  const answer = status === null ? `no answer after ${latencyMs} ms` : `answered ${status} in ${latencyMs} ms`
  const parts = [formatTimestamp(at.getTime()), isResend ? 'resend' : 'schedule', url, answer, reason ?? '']
  return parts.filter((part) => part !== '').join('  ')
}
