import { dirname, posix } from 'node:path'

/** Left may import right; nothing else of ours. The order is the way a request travels, so no arrow points back. */
export const PACKAGES_MAY_IMPORT: Record<string, readonly string[]> = {
  snap: [],
  embedded: [],
  simulator: ['snap'],
  gateway: ['snap'],
  sdk: ['snap'],
  cli: ['snap', 'embedded', 'simulator', 'gateway', 'sdk'],
  bench: ['snap', 'embedded', 'simulator', 'gateway', 'sdk'],
}

/** What tests may import besides. */
const TESTS_MAY_ALSO_IMPORT: Record<string, readonly string[]> = {
  gateway: ['simulator', 'embedded'],
}

/** The same between the folders of the gateway. Files at the top of its src may import every folder. */
export const FOLDERS_MAY_IMPORT: Record<string, readonly string[]> = {
  admin: ['partner', 'rate-limit', 'database'],
  http: ['auth', 'access-token', 'binding', 'unbinding', 'payment', 'refund', 'status', 'database'],
  'access-token': ['auth', 'binding', 'partner', 'database'],
  status: ['auth', 'payment', 'refund', 'database'],
  notification: ['binding', 'payment', 'refund', 'card-token', 'partner', 'vault', 'outbox', 'database'],
  binding: [
    'auth',
    'hosted',
    'page',
    'card-token',
    'channels',
    'request-id',
    'otp-request',
    'outbox',
    'partner',
    'vault',
    'database',
  ],
  unbinding: ['auth', 'card-token', 'channels', 'request-id', 'outbox', 'partner', 'vault', 'database'],
  'vault-rotation': ['binding', 'card-token', 'payment', 'partner', 'request-id', 'vault', 'database'],
  cancellation: ['auth', 'refund', 'payment', 'channels', 'request-id', 'outbox', 'vault', 'database'],
  balance: ['auth', 'payment', 'card-token', 'channels', 'vault', 'database'],
  refund: ['auth', 'payment', 'channels', 'request-id', 'outbox', 'database'],
  hosted: ['page', 'partner', 'vault', 'database'],
  payment: [
    'auth',
    'hosted',
    'page',
    'card-token',
    'channels',
    'request-id',
    'otp-request',
    'outbox',
    'partner',
    'vault',
    'database',
  ],
  'card-token': ['vault', 'database'],
  auth: ['partner', 'channels', 'rate-limit', 'database'],
  partner: ['vault', 'database'],
  'request-id': ['vault', 'database'],
  'otp-request': ['database'],
  outbox: ['database'],
  'rate-limit': [],
  settings: [],
  page: [],
  channels: [],
  vault: [],
  database: [],
}

const GATEWAY = 'packages/gateway/src/'

/** One import: what is written between the quotes, and the file that says so. */
export interface Import {
  readonly file: string
  readonly specifier: string
}

/** The faults of one import, given the gateway's files that compose folders. */
export function importFaults({ file, specifier }: Import, composers: ReadonlySet<string>): string[] {
  const from = packageOf(file)
  if (specifier.startsWith('@gerbang/') || specifier === 'gerbang') {
    return packageFaults(file, from, specifier === 'gerbang' ? 'cli' : (specifier.split('/')[1] ?? ''))
  }
  if (!specifier.startsWith('.')) return []
  const target = posix.join(dirname(file), specifier)
  if (packageOf(target) !== from) return [`imports ${specifier}: other packages are imported by name`]
  if (isTest(file) || !file.startsWith(GATEWAY) || !target.startsWith(GATEWAY)) return []
  return folderFaults(file.slice(GATEWAY.length), target.slice(GATEWAY.length), composers)
}

/** Files at the top of the gateway's src that import a folder: the composition roots. */
export function composersOf(imports: readonly Import[]): Set<string> {
  return new Set(
    imports
      .filter(({ file }) => file.startsWith(GATEWAY) && !file.slice(GATEWAY.length).includes('/'))
      .filter(({ specifier }) => /^\.\/[^/]+\//.test(specifier))
      .map(({ file }) => file.slice(GATEWAY.length)),
  )
}

export function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || /(^|\/)test\//.test(file)
}

function packageFaults(file: string, from: string, to: string): string[] {
  const allowed = [
    ...(PACKAGES_MAY_IMPORT[from] ?? []),
    ...(isTest(file) ? (TESTS_MAY_ALSO_IMPORT[from] ?? []) : []),
  ]
  return allowed.includes(to) ? [] : [`${from} must not import ${to}`]
}

function folderFaults(file: string, target: string, composers: ReadonlySet<string>): string[] {
  const [from, to] = [folderOf(file), folderOf(target)]
  if (from === undefined || from === to) return []
  if (to === undefined) {
    return composers.has(target) && target !== 'config.ts'
      ? [`${from} must not import ${target}, which imports folders itself`]
      : []
  }
  const row = FOLDERS_MAY_IMPORT[from]
  if (row === undefined) return [`${from} has no row in FOLDERS_MAY_IMPORT`]
  if (!row.includes(to)) return [`${from} must not import ${to}`]
  return target.endsWith('/store.ts') ? [`${target} is private to ${to}`] : []
}

function packageOf(file: string): string {
  const [first, second] = file.split('/')
  return (first === 'packages' ? second : first) ?? file
}

function folderOf(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined
}
