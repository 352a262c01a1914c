import type { PartnerChanges } from '@gerbang/gateway'
import type { Command } from 'commander'
import { wholeName } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson } from '../terminal.ts'
import { withPartners } from './on-database.ts'

interface StateOptions {
  readonly json?: boolean
}

/** What lets a partner in and keeps it out. */
export function addPartnerState(partner: Command, context: Context): void {
  const turn = (name: string, state: 'active' | 'suspended', description: string) =>
    partner
      .command(name)
      .description(description)
      .argument('<partnerId>', 'X-PARTNER-ID')
      .option('--json', 'print JSON')
      .action((partnerId: string, options: StateOptions) =>
        change(context, partnerId, { changes: { state }, words: `${partnerId} is ${state}.`, ...options }),
      )
  turn(
    'disable',
    'suspended',
    'refuse whatever a partner asks; what its customers have begun comes to its end',
  )
  turn('enable', 'active', 'let a partner in again')
  partner
    .command('channel')
    .description('turn a channel on or off for a partner; every channel is on until it is turned off')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .argument('<channel>', 'such as cimb, or a whole name')
    .argument('<state>', 'on or off')
    .option('--json', 'print JSON')
    .action(async (partnerId: string, named: string, state: string, options: StateOptions) => {
      if (state !== 'on' && state !== 'off') throw usageFailure('The state of a channel is on or off.')
      const channel = await wholeName(named)
      const changes = { channels: [{ channel, isOn: state === 'on' }] }
      return change(context, partnerId, {
        changes,
        words: `${channel} is ${state} for ${partnerId}.`,
        ...options,
      })
    })
}

interface Change extends StateOptions {
  readonly changes: PartnerChanges
  readonly words: string
}

async function change(
  { config, terminal }: Context,
  partnerId: string,
  { changes, words, json }: Change,
): Promise<void> {
  const { partner, waitMs } = await withPartners(config, async (partners, { partnerKeepMs }) => ({
    partner: await partners.change(partnerId, changes),
    waitMs: partnerKeepMs,
  }))
  if (json) sayJson(terminal, partner)
  else terminal.say(`${terminal.shade('green', words)} It counts within ${Math.ceil(waitMs / 1_000)} s.`)
}
