import { isTest } from './imports.ts'

const MAX_FILE_LINES = 300
const MAY_BE_LONG = /-codes\.ts$|(^|\/)migrations\/|(^|\/)data\//
const SHAPELESS =
  /(^|[-/.])(utils?|helpers?|common|misc|managers?|services?|base|impl|dto|data|info)([-./]|$)/
const SHAPELESS_EXPORT =
  /^export (?:abstract )?(?:class|interface|type|function|const|async function) (\w*(?:Service|Manager|Helpers?|Utils?|Impl|Dto|DTO|Base|Info|Data))\b/gm

/** SNAP's own word for the encrypted card. */
const WIRE_NAME = /CardData$/

/** Written in halves, so that this file does not break its own rules. */
const MACHINE_PATH = new RegExp(
  `(^|[^\\w./-])/(${['wo' + 'rk', 'fa' + 'rm', 'ro' + 'ot', 'ho' + 'me'].join('|')})/`,
  'm',
)
const REGISTRY = new RegExp(
  [
    'registry\\.npmjs' + '\\.org',
    'deb\\.debian' + '\\.org',
    'pypi' + '\\.org',
    'proxy\\.golang' + '\\.org',
    'crates' + '\\.io',
  ].join('|'),
)
const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].join('|')})\\b`)
const SWITCHED_OFF = /\b(test|it|describe|suite)\.(skip|only|todo)\(/
const VAGUE_TITLE = /\b(test|it)\(\s*['"`]should /

const EVERY_FILE: readonly (readonly [RegExp, string])[] = [
  [REGISTRY, 'the host name of a package registry'],
  [MACHINE_PATH, 'an absolute path of a machine'],
]
const SOURCES: readonly (readonly [RegExp, string])[] = [
  [UNFINISHED, 'unfinished work belongs to an issue'],
  [SWITCHED_OFF, 'a test switched off'],
  [VAGUE_TITLE, 'a title that promises nothing: "should"'],
]

/** The rules that need no syntax, for any tracked file. */
export function textFaults(file: string, text: string): string[] {
  const isSource = /\.(ts|mjs|js|sql)$/.test(file)
  const rows = isSource ? [...EVERY_FILE, ...SOURCES] : EVERY_FILE
  return [
    ...rows.filter(([pattern]) => pattern.test(text)).map(([, fault]) => fault),
    ...(isSource ? nameFaults(file, text) : []),
    ...(isSource ? lengthFaults(file, text) : []),
  ]
}

function nameFaults(file: string, text: string): string[] {
  const names = [...text.matchAll(SHAPELESS_EXPORT)]
    .map(([, name]) => name ?? '')
    .filter((name) => !WIRE_NAME.test(name))
  return [
    ...(SHAPELESS.test(file.replace(/(^|\/)data\//, '/').replace('card-data', 'card'))
      ? ['a name that says nothing: name the thing it holds']
      : []),
    ...names.map((name) => `${name} says nothing: name the thing it is`),
  ]
}

function lengthFaults(file: string, text: string): string[] {
  const lines = text.trimEnd().split('\n').length
  return lines > MAX_FILE_LINES && !MAY_BE_LONG.test(file) && !isTest(file)
    ? [`${lines} lines, at most ${MAX_FILE_LINES}`]
    : []
}
