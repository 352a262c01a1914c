import { OUTCOMES, type OutcomeName, responseMessage, SERVICE_CODES } from '@gerbang/snap'
import { adminApi } from './admin/openapi.ts'
import { MATRIX_TITLES, matrixRows, requirementRows } from './channel-matrix.ts'
import { openApi } from './http/openapi.ts'
import { SETTINGS, type Setting } from './settings.ts'

/** The pages of docs/reference by file name. They are committed, and a test compares them with this. */
export function referencePages(): Readonly<Record<string, string>> {
  return {
    'openapi.json': `${JSON.stringify(openApi(), null, 2)}\n`,
    'admin-openapi.json': `${JSON.stringify(adminApi(), null, 2)}\n`,
    'configuration.md': configurationPage(),
    'response-codes.md': responseCodesPage(),
    'channels.md': channelsPage(),
  }
}

const PRINTED = 'Printed from the program by `npm run reference`; a change by hand is overwritten.'

function configurationPage(): string {
  const rows = (Object.values(SETTINGS) as Setting[]).map((setting) => [
    `\`${setting.env}\``,
    fallbackOf(setting),
    valuesOf(setting),
    setting.meaning,
  ])
  return page('Configuration', [
    `All settings are environment variables, read once at the start; every fault is told at once. ${PRINTED}`,
    table(['Setting', 'Default', 'Values', 'Meaning'], rows),
  ])
}

function fallbackOf({ fallback, isOptional }: Setting): string {
  if (fallback !== undefined) return fallback === '' ? 'empty' : `\`${fallback}\``
  return isOptional ? 'none' : 'must be given'
}

function valuesOf({ kind, min, max, choices, form }: Setting): string {
  if (form !== undefined) return form
  if (kind === 'integer') return `${min} to ${max}`
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(', ')
  return kind
}

const MONEY = { moved: 'moved', 'not-moved': 'did not move', unknown: 'unknown: ask for the status' } as const

function responseCodesPage(): string {
  const rows = (Object.keys(OUTCOMES) as OutcomeName[]).map((name) => {
    const { status, caseCode, money } = OUTCOMES[name]
    return [`\`${status}\``, `\`${caseCode}\``, responseMessage(name), MONEY[money]]
  })
  const services = Object.entries(SERVICE_CODES).map(([operation, codes]) => [
    `\`${operation}\``,
    `\`${codes.doku}\``,
    `\`${codes.snap}\``,
  ])
  return page('Response codes', [
    `A response code is the HTTP status, the service and the case: \`403\` \`54\` \`14\` is a payment without sufficient funds. ${PRINTED}`,
    'The 63 cases of the standard, and two more that DOKU answers with.',
    table(['HTTP', 'Case', 'Message', 'The money of this request'], rows),
    '## Services',
    table(['Operation', 'Profile doku', 'Profile snap'], services),
  ])
}

function channelsPage(): string {
  return page('Channels', [
    `What can be done with which bank or wallet. ${PRINTED}`,
    '● a page of DOKU or a client library has the operation; ○ inferred; – not offered. How its customer confirms it, and the wire to the bank, may be inferred all the same: the channel’s README says so. *token*: `Authorization-Customer` is wanted.',
    table(['Operation', ...MATRIX_TITLES], matrixRows()),
    'Check status and notifications work with every channel. Before it is confirmed, a payment on a page is called off by its customer there; `debit/cancel` is for one that is paid, on its day.',
    '## What each wants',
    'Members are those of `additionalInfo` where there is one. Headers are documented; one that is missing is noted in the log and refuses nothing.',
    table(
      [
        'Channel',
        'Folder',
        '`additionalInfo.channel`',
        'partnerReferenceNo',
        'partnerRefundNo',
        'Binding wants',
        'Payment wants',
        'Paid with',
        'Headers',
        'Own service codes',
        'Silence',
      ],
      requirementRows(),
    ),
    'Own service codes: where a channel numbers an operation in the profile `doku` otherwise than the [services](response-codes.md#services).',
    'Silence: what a partner is told when the bank does not answer. Settings: `GERBANG_CHANNELS` opens channels, `GERBANG_CHANNEL_URLS` says where they are.',
    'What each channel infers is in the README of its folder, `packages/gateway/src/channels/NAME`. How one is added: [add a channel](../guides/add-a-channel.md).',
  ])
}

function page(title: string, parts: readonly string[]): string {
  return `${[`# ${title}`, ...parts].join('\n\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
