import type { RotationOutcome, RotationProgress, VaultRotation } from '@gerbang/gateway'
import type { Command } from 'commander'
import type { CliConfig } from '../config.ts'
import type { Context } from '../context.ts'
import { CommandFailure, EXIT } from '../failure.ts'
import { listenForStop } from '../start/stop-signals.ts'
import { sayJson, sayRows, type Terminal } from '../terminal.ts'
import { addCardKey } from '../vault-keys.ts'
import { onDatabase } from './on-database.ts'

interface VaultOptions {
  readonly json?: boolean
  readonly newKey?: boolean
  readonly force?: boolean
}

/** Lines are not repainted, so there are not too many of them. */
const LINE_EVERY_MS = 1_000

export function addVault(program: Command, context: Context): void {
  const vault = program.command('vault').description('the keys that seal card numbers and secrets')
  vault
    .command('keys')
    .description('which keys there are, and how many values each seals')
    .option('--json', 'print JSON')
    .action((options: VaultOptions) => keys(context, options))
  vault
    .command('rotate')
    .description('seal everything anew under the first key; the gateway works on meanwhile')
    .option(
      '--new-key',
      'only add a new key in front of the others in gateway.env: every process needs it first',
    )
    .option(
      '--force',
      'also while a gateway runs that does not hold the first key, and so will be locked out',
    )
    .option('--json', 'print JSON')
    .action((options: VaultOptions) => (options.newKey ? newKey(context, options) : rotate(context, options)))
}

async function keys({ config, terminal }: Context, { json }: VaultOptions): Promise<void> {
  const { current, valuesByKey } = await withRotation(config, async (rotation, keyIds) => {
    // A run that is over before its first value only counts.
    const outcome = await rotation.rotate({ signal: AbortSignal.abort() })
    const counts = keyIds.map((id) => [id, outcome.valuesByKey[id] ?? 0] as const)
    const unknown = Object.entries(outcome.valuesByKey).filter(([id]) => !keyIds.includes(id))
    return { current: keyIds[0] ?? '', valuesByKey: Object.fromEntries([...counts, ...unknown]) }
  })
  if (json) {
    sayJson(terminal, { current, valuesByKey })
    return
  }
  terminal.say(`New values are sealed under ${current}.`)
  sayRows(
    terminal,
    Object.entries(valuesByKey).map(([id, count]) => [id, count === 1 ? '1 value' : `${count} values`]),
  )
}

async function newKey({ config, terminal }: Context, { json }: VaultOptions): Promise<void> {
  const { file, id } = await addCardKey(config)
  if (json) {
    sayJson(terminal, { file, current: id })
    return
  }
  terminal.say(
    `${terminal.shade('green', `Key ${id} is the first in ${file}.`)} The older ones stay, to open what they have sealed.`,
  )
  terminal.say(
    'Next: stop the gateway (all processes of it) and start it again, then npx gerbang vault rotate',
  )
}

async function rotate({ config, terminal }: Context, { json, force }: VaultOptions): Promise<void> {
  const signals = listenForStop()
  try {
    const { outcome, current } = await withRotation(config, async (rotation, [current = '']) => {
      if (!force) await refuseLockOut(rotation, current)
      const onProgress = json ? () => {} : progressLines(terminal)
      return { outcome: await rotation.rotate({ signal: signals.wanted, onProgress }), current }
    })
    if (json) sayJson(terminal, { current, ...outcome })
    if (!outcome.isComplete) throw incomplete(outcome, signals.wanted.aborted)
    if (!json) sayOutcome(terminal, outcome, current)
  } finally {
    signals.forget()
  }
}

/** A process that was started with the earlier keys alone could open nothing that is sealed anew: no partner could pay through it. */
async function refuseLockOut(rotation: VaultRotation, current: string): Promise<void> {
  if ((await rotation.countWithoutFirstKey()) === 0) return
  throw new CommandFailure(
    EXIT.failedCheck,
    `A gateway runs that does not hold ${current}: it could not open what is sealed under it.`,
    {
      next: 'stop the gateway (all processes of it) and start it again with the keys as they are now, then npx gerbang vault rotate',
    },
  )
}

function progressLines(terminal: Terminal): (progress: RotationProgress) => void {
  let last = 0
  return ({ table, column, done, left }) => {
    const now = performance.now()
    if (left > 0 && now - last < LINE_EVERY_MS) return
    last = now
    terminal.say(`${table}.${column}: ${done} sealed anew, ${left} left`)
  }
}

function sayOutcome(terminal: Terminal, { valuesByKey, unusedKeys }: RotationOutcome, current: string): void {
  terminal.say(
    `${terminal.shade('green', 'Rotated.')} ${valuesByKey[current] ?? 0} values are sealed under ${current}.`,
  )
  if (unusedKeys.length === 0) return
  terminal.say(
    `Next: ${unusedKeys.join(', ')} may be taken out of GERBANG_CARD_KEYS when no backup needs it any more`,
  )
}

function incomplete({ columns }: RotationOutcome, isStopped: boolean): CommandFailure {
  const left = columns.reduce((sum, column) => sum + column.left, 0)
  const unreadable = columns.reduce((sum, column) => sum + column.unreadable, 0)
  const why = isStopped
    ? 'stopped'
    : unreadable > 0
      ? `${unreadable} of them open with none of the keys`
      : 'somebody else holds them'
  return new CommandFailure(
    EXIT.failedCheck,
    `Not complete: ${left} values are left (${why}). Nothing is lost.`,
    {
      next:
        unreadable > 0 && !isStopped
          ? 'put the key that is missing back into GERBANG_CARD_KEYS, behind the others, then npx gerbang vault rotate'
          : 'npx gerbang vault rotate (goes on from here)',
    },
  )
}

function withRotation<Result>(
  config: CliConfig,
  act: (rotation: VaultRotation, keyIds: readonly string[]) => Promise<Result>,
): Promise<Result> {
  return onDatabase(config, async (gateway, gatewayConfig) => {
    const rotation = gateway.openVaultRotation(gatewayConfig)
    return act(
      rotation,
      gatewayConfig.cardKeys.map(({ id }) => id),
    ).finally(() => rotation.close())
  })
}
