import type { CliConfig } from './config.ts'
import type { Terminal } from './terminal.ts'

/** What every command is given. */
export interface Context {
  readonly config: CliConfig
  readonly terminal: Terminal
}
