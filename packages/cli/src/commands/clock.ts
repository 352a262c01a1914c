import type { ClockSetting } from '@gerbang/gateway/clock'
import { formatTimestamp, parseTimestamp } from '@gerbang/snap/timestamp'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { type DemoClock, openDemoClock } from '../demo/demo-clock.ts'
import { readDuration, writeDuration } from '../duration.ts'
import { usageFailure } from '../failure.ts'
import { sayJson } from '../terminal.ts'

interface ClockOptions {
  readonly json?: boolean
}

/** What the clock is to be set to, given how it stands. */
type Turn = (clock: DemoClock) => ClockSetting

const UNSET: ClockSetting = { offsetMs: 0, frozenAt: null }

/** Further than any retry, token or partition reaches; a year in one step is a slip of the keyboard. */
const FURTHEST_MS = 366 * 86_400_000

export function addClock(program: Command, context: Context): void {
  const clock = program
    .command('clock')
    .description('the time of a demo: gateway, simulator and all that expires')
  option(clock.command('now').description('what the clock shows')).action((options: ClockOptions) =>
    say(context, openDemoClock(context.config), options),
  )
  option(clock.command('advance').description('let time pass; what falls due by then is done'))
    .argument('<duration>', 'such as 90s, 30m, 12h, 1d12h')
    .action((duration: string, options: ClockOptions) => turn(context, options, advanced(duration)))
  option(clock.command('freeze').description('let the clock stand still'))
    .argument('[instant]', 'such as 2026-11-21T10:00:00+07:00; the present when absent')
    .action((instant: string | undefined, options: ClockOptions) => turn(context, options, frozen(instant)))
  option(clock.command('run').description('let a clock that stands still go on from where it stands')).action(
    (options: ClockOptions) => turn(context, options, running),
  )
  option(clock.command('reset').description("back to this machine's time")).action((options: ClockOptions) =>
    turn(context, options, () => UNSET),
  )
}

function option(command: Command): Command {
  return command.option('--json', 'print JSON')
}

async function turn(context: Context, options: ClockOptions, next: Turn): Promise<void> {
  const clock = openDemoClock(context.config)
  const [before, shown] = [clock.read(), clock.now()]
  const notes = await clock.set(next(clock))
  for (const note of notes) context.terminal.complain(note)
  const after = clock.read()
  // While it runs before and after, the step does not depend on how long it took.
  const isRunning = before.frozenAt === null && after.frozenAt === null
  const backMs = isRunning ? before.offsetMs - after.offsetMs : shown - clock.now()
  if (backMs > 0) {
    context.terminal.complain(
      `The clock went back by ${writeDuration(backMs)}: what was written meanwhile lies in the future.`,
    )
  }
  say(context, clock, options)
}

/** How far the clock is ahead of this machine's. While it runs that does not depend on how long anybody takes to look. */
function aheadMsOf(clock: DemoClock): number {
  const { offsetMs, frozenAt } = clock.read()
  return frozenAt === null ? offsetMs : clock.now() - Date.now()
}

function say({ terminal }: Context, clock: DemoClock, { json }: ClockOptions): void {
  const now = clock.now()
  const { frozenAt } = clock.read()
  const aheadMs = aheadMsOf(clock)
  if (json) {
    sayJson(terminal, { now: formatTimestamp(now), aheadMs, isFrozen: frozenAt !== null })
    return
  }
  const place =
    Math.abs(aheadMs) < 1_000 ? '' : `${writeDuration(aheadMs)} ${aheadMs > 0 ? 'ahead' : 'behind'}`
  const notes = [place, frozenAt === null ? '' : 'stands still'].filter((note) => note !== '')
  terminal.say([formatTimestamp(now), notes.join(', ')].join('  ').trimEnd())
}

function advanced(duration: string): Turn {
  const ms = readDuration('<duration>', duration)
  if (ms > FURTHEST_MS) throw usageFailure('<duration> must not be longer than a year.')
  return (clock) => {
    const { offsetMs, frozenAt } = clock.read()
    return frozenAt === null
      ? { offsetMs: offsetMs + ms, frozenAt }
      : { offsetMs, frozenAt: new Date(clock.now() + ms).toISOString() }
  }
}

function frozen(instant: string | undefined): Turn {
  const at = instant === undefined ? undefined : parseTimestamp(instant)
  if (instant !== undefined && at === undefined) {
    throw usageFailure('[instant] must be a time with its zone, such as 2026-11-21T10:00:00+07:00.')
  }
  return (clock) => ({
    offsetMs: clock.read().offsetMs,
    frozenAt: new Date(at ?? clock.now()).toISOString(),
  })
}

function running(clock: DemoClock): ClockSetting {
  const { offsetMs, frozenAt } = clock.read()
  return { offsetMs: frozenAt === null ? offsetMs : Date.parse(frozenAt) - Date.now(), frozenAt: null }
}
