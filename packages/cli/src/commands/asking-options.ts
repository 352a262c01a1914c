import type { Command } from 'commander'
import { usageFailure } from '../failure.ts'

/** What every command has that asks the gateway as a partner. */
export interface AskingOptions {
  readonly credentials?: string
  readonly json?: boolean
}

export function addAskingOptions(command: Command): Command {
  return command
    .option('--credentials <file>', 'instead of .gerbang/demo-partner.json')
    .option('--json', 'print JSON')
}

/** `150000` is whole rupiah; `150000.00` is taken as it stands. @throws CommandFailure */
export function readAmount(text: string, option = '--amount'): string {
  if (/^\d{1,16}$/.test(text)) return `${text}.00`
  if (/^\d{1,16}\.\d{2}$/.test(text)) return text
  throw usageFailure(`${option} must be whole rupiah (150000) or have two decimals (150000.00).`)
}

/** The same object without what was not given: the SDK takes an absent member, not an undefined one. */
export function given<Members extends object>(members: Members): Given<Members> {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as Given<Members>
}

type Given<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> }
