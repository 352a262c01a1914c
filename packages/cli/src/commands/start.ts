import type { Command } from 'commander'
import type { Context } from '../context.ts'

export function addStart(program: Command, { config }: Context): void {
  program
    .command('start')
    .description('database, simulator, gateway and a demo partner, all on this machine')
    .action(async () => {
      const { start } = await import('../start/start.ts')
      await start({ config })
    })
}
