import type { Argument, Command, Option } from 'commander'
import { CLI_SETTINGS, type CliSetting } from './settings.ts'

/** docs/reference/cli.md: printed from the commands and the table of settings, committed, and compared by a test. */
export function referencePage(program: Command): string {
  const parts = [
    '# Command line',
    'In a clone: `npx gerbang COMMAND`. Printed from the program by `npm run reference`; a change by hand is overwritten.',
    ...program.commands.flatMap((command) => section(command, 'gerbang')),
    '## Settings',
    'Variables of the environment that the command line reads itself; one that is empty counts as absent. Those of the gateway are in [configuration.md](configuration.md): `serve`, `migrate` and `partner` read them from the environment and, beneath it, from `gateway.env` of the folder; `start` hands its environment on.',
    settingsTable(),
  ]
  return `${parts.join('\n\n')}\n`
}

function section(command: Command, before: string): string[] {
  const line = `${before} ${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap((inner) => section(inner, line))
  const rows = [
    ...command.registeredArguments.map(argumentRow),
    ...command.options.map((option) => optionRow(option)),
  ]
  const heading = [`## ${line}`, sentence(command.description())]
  return rows.length === 0 ? heading : [...heading, table(['Takes', 'Default', 'Meaning'], rows)]
}

function argumentRow(argument: Argument): string[] {
  return [
    `\`${argument.required ? `<${argument.name()}>` : `[${argument.name()}]`}\``,
    '',
    sentence(argument.description),
  ]
}

function optionRow({ flags, mandatory, defaultValue, description }: Option): string[] {
  const fallback = defaultValue === undefined ? '' : `\`${defaultValue}\``
  return [`\`${flags}\``, mandatory ? 'must be given' : fallback, sentence(description)]
}

function settingsTable(): string {
  const rows = Object.entries(CLI_SETTINGS).map(([name, setting]: [string, CliSetting]) => [
    `\`${name}\``,
    setting.fallback === undefined ? (setting.otherwise ?? '') : `\`${setting.fallback}\``,
    setting.readBy,
    setting.meaning,
  ])
  return table(['Setting', 'Default', 'Read by', 'Meaning'], rows)
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
