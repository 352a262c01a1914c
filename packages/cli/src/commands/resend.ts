import { setTimeout as sleep } from 'node:timers/promises'
import type { NotificationAttempt, Notifications, ResendAnswer } from '@gerbang/gateway'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { openDemoTime } from '../demo/demo-time.ts'
import { readDuration } from '../duration.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { sayJson } from '../terminal.ts'
import { attemptLine } from './notifications.ts'
import { type NotificationPlace, namedReference, partnerOf, withNotifications } from './on-notifications.ts'

interface ResendOptions extends NotificationPlace {
  readonly failedSince?: string
  readonly reference?: string
  readonly json?: boolean
}

interface Resent {
  readonly notificationNo: string
  readonly answer: ResendAnswer
  /** Undefined when it was not made in time. */
  readonly attempt: NotificationAttempt | undefined
}

const WITHIN_MS = 10_000
const ASK_EVERY_MS = 100

export function addResend(program: Command, context: Context): void {
  program
    .command('resend')
    .description(
      'tell a partner again, whatever became of it; the schedule goes on as if nothing had happened',
    )
    .argument('[notification]', 'its number, as `notifications` prints it')
    .option('--failed-since <duration>', 'all that were given up of those made in the last 2h, 30m, 1d …')
    .option('--reference <number>', 'all of that payment, refund or binding: your number or the gateway’s')
    .option('--partner <id>', 'that of the credentials when absent')
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'print JSON')
    .action((notification: string | undefined, options: ResendOptions) =>
      resend(context, notification, options),
    )
}

async function resend(
  context: Context,
  notification: string | undefined,
  options: ResendOptions,
): Promise<void> {
  const ways = [notification, options.failedSince, options.reference].filter((way) => way !== undefined)
  if (ways.length !== 1) {
    throw usageFailure(
      'Which notification? Its number, or --failed-since, or --reference.',
      'npx gerbang notifications',
    )
  }
  if (options.failedSince !== undefined) return resendFailed(context, options.failedSince, options)
  const resent = await withNotifications(context.config, async (notifications) => {
    const partnerId = partnerOf(context.config, options)
    const numbers =
      notification === undefined
        ? (
            await namedReference(context, options, (referenceNo) =>
              notifications.list({ partnerId, referenceNo }),
            )
          ).map(({ notificationNo }) => notificationNo)
        : [notification]
    // One after the other: what is said of one payment is said in order.
    const all: Resent[] = []
    for (const number of numbers.reverse()) all.push(await resendOne(notifications, partnerId, number))
    return all
  })
  if (options.json) sayJson(context.terminal, resent)
  else for (const one of resent) sayResent(context, one)
  if (resent.length === 0) throw new CommandFailure(EXIT.failedCheck, 'There is no such notification.')
  if (resent.some((one) => !isDelivered(one))) process.exitCode = EXIT.failedCheck
}

async function resendFailed(
  { config, terminal }: Context,
  text: string,
  options: ResendOptions,
): Promise<void> {
  const since = new Date(openDemoTime(config)() - readDuration('--failed-since', text)).toISOString()
  const count = await withNotifications(config, (notifications) =>
    notifications.resendFailedSince(since, options.partner),
  )
  if (options.json) {
    sayJson(terminal, { since, count })
    return
  }
  terminal.say(
    count === 0
      ? 'Nothing was given up since then.'
      : `${count === 1 ? '1 goes' : `${count} go`} out again, a few in a second.`,
  )
  if (count > 0) terminal.say('Next: npx gerbang notifications')
}

async function resendOne(notifications: Notifications, partnerId: string, number: string): Promise<Resent> {
  const attempts = async () => notifications.attempts(partnerId, number)
  const before = (await attempts()).length
  const answer = await notifications.resend(partnerId, number)
  let attempt: NotificationAttempt | undefined
  const until = performance.now() + WITHIN_MS
  while (
    answer !== 'unknown' &&
    answer !== 'without-url' &&
    attempt === undefined &&
    performance.now() < until
  ) {
    await sleep(ASK_EVERY_MS)
    attempt = (await attempts())[before]
  }
  return { notificationNo: number, answer, attempt }
}

const WORDS: Readonly<Record<ResendAnswer, string>> = {
  requested: 'was asked for; no attempt was made within ten seconds',
  underway: 'was asked for before, and is still under way',
  unknown: 'is not known',
  'without-url': 'has nowhere to go: npx gerbang partner set gives its partner a URL',
}

function sayResent({ terminal }: Context, one: Resent): void {
  const { notificationNo, answer, attempt } = one
  if (attempt === undefined) terminal.say(`${notificationNo}  ${terminal.shade('red', WORDS[answer])}`)
  else terminal.say(`${notificationNo}  ${attemptLine(attempt)}`)
}

function isDelivered({ attempt }: Resent): boolean {
  return (
    attempt?.status !== undefined && attempt.status !== null && attempt.status >= 200 && attempt.status <= 299
  )
}
