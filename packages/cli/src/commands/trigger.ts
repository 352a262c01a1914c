import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { type AskingOptions, addAskingOptions } from './asking-options.ts'

interface TriggerCommandOptions extends AskingOptions {
  readonly case?: string
  readonly set?: readonly string[]
}

export function addTrigger(program: Command, context: Context): void {
  const command = program
    .command('trigger')
    .description('play a real course of things to a named end, with the simulator')
    .argument(
      '<event>',
      'payment.success, .failed, .pending, .expired; refund.success, .partial, .failed; binding.success, .failed; unbinding.success, .failed',
    )
    .option('--case <case>', 'the failed ones: HTTP status and case, such as 403/14')
    .option('--set <name=value...>', 'amount, reference, customer, phone, cpan; made when absent')
  addAskingOptions(command).action(async (event: string, options: TriggerCommandOptions) => {
    const { trigger } = await import('../trigger/trigger.ts')
    await trigger(context, {
      event,
      case: options.case,
      set: options.set ?? [],
      credentials: options.credentials,
      isJson: options.json === true,
    })
  })
}
