// npm run channel:new -- NAME [bank|wallet]
// Makes packages/gateway/src/channels/NAME and puts it on the list of channels. Until it is written, the contract suite is red.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CHANNELS = join(ROOT, 'packages/gateway/src/channels')
const LIST = join(CHANNELS, 'index.ts')
const BIOME = fileURLToPath(new URL('../node_modules/@biomejs/biome/bin/biome', import.meta.url))
/** What lies beside the channels' folders, and what JavaScript keeps for itself. */
const TAKEN = /^(bank|network|channel|channels|default|delete|export|import|new|open|opened|profile|slug)$/

/**
 * What each kind most often is: a bank keeps accounts and asks on our page, a wallet keeps nothing and asks on its own. All that is offered
 * is inferred until a document says it.
 */
const KINDS = {
  bank: {
    prefix: 'DIRECT_DEBIT',
    customerToken: "['payment-host-to-host']",
    binding: `
  binding: {
    kind: 'account',
    flows: ['DH'],
    requires: ['additionalInfo.custIdMerchant'],
    otp: { min: 6, max: 6 },
    isOtpAskedFor: false,
    hasPin: false,
  },`,
    shape: 'debit',
    inferred: "['account-binding', 'account-unbinding', 'customer-token', 'payment-sale', 'payment-page']",
  },
  wallet: {
    prefix: 'EMONEY',
    customerToken: '[]',
    binding: '',
    shape: 'jump-app',
    inferred: "['payment-jump-app']",
  },
}

const [name = '', kind = 'bank'] = process.argv.slice(2)
const fault = faultOf(name, kind)
if (fault !== undefined) {
  console.error(`${fault}\nUsage: npm run channel:new -- NAME [bank|wallet]`)
  process.exit(1)
}

const list = readFileSync(LIST, 'utf8')
const written = listWith(list, name)
for (const [file, text] of Object.entries(filesOf(name, KINDS[kind]))) {
  const path = join(CHANNELS, name, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
writeFileSync(LIST, written)
// A longer list is broken into lines, as the linter wants it.
spawnSync(process.execPath, [BIOME, 'format', '--write', LIST, join(CHANNELS, name)], { stdio: 'ignore' })
console.log(`packages/gateway/src/channels/${name} is made, and on the list in packages/gateway/src/channels/index.ts. Next:

1. Say in ${name}/profile.ts what is particular about the channel, and in ${name}/README.md who says so.
2. Give it somebody to talk to: a row in packages/simulator/src/banks/banks.ts and bankChannel in ${name}/index.ts when it speaks
   bank API v1, else a wire of its own in both.
3. Run its part of the contract suite until it is green, then all of it, \`npm test -- channels/contract\`, and \`npm run reference\`:
   npx tsc -b && node --test --test-name-pattern='^${name}:' packages/gateway/dist/test/channels/contract.test.js`)

function faultOf(wanted, ofKind) {
  if (!/^[a-z][a-z0-9]{1,31}$/.test(wanted))
    return 'A channel is named with small letters and digits, as `cimb`.'
  if (TAKEN.test(wanted)) return `${wanted} is taken.`
  if (!Object.hasOwn(KINDS, ofKind)) return `A channel is a bank or a wallet, not a ${ofKind}.`
  return existsSync(join(CHANNELS, wanted)) ? `There is a channel ${wanted} already.` : undefined
}

/** The list of channels with one more, imports in their order. */
function listWith(text, wanted) {
  const lines = text.split('\n')
  const line = `import { ${wanted} } from './${wanted}/index.ts'`
  const pathOf = (imported) => / from '(.*)'$/.exec(imported)?.[1] ?? ''
  const later = lines.findIndex((one) => one.startsWith('import ') && pathOf(one) > pathOf(line))
  const last = lines.findLastIndex((one) => one.startsWith('import '))
  lines.splice(later === -1 ? last + 1 : later, 0, line)
  const start = lines.findIndex((one) => one.startsWith('export const CHANNELS'))
  const end = lines.findIndex((one, place) => place >= start && one.endsWith(']') && one !== '[')
  if (start === -1 || end === -1)
    throw new Error('packages/gateway/src/channels/index.ts has no list of channels')
  if (end === start) lines[end] = lines[end].replace(/\]$/, `, ${wanted}]`)
  else lines.splice(end, 0, `  ${wanted},`)
  return lines.join('\n')
}

function filesOf(wanted, { prefix, customerToken, binding, shape, inferred }) {
  const constant = wanted.toUpperCase()
  return {
    'profile.ts': `import type { ChannelProfile } from '../profile.ts'

/** Each line is a question: see ../profile.ts for what it means. */
export const ${constant}: ChannelProfile = {
  name: '${prefix}_${constant}_SNAP',
  aliases: [],
  title: '${wanted}',
  acquirer: '${constant}',
  accountType: '${prefix}',
  silence: 'timeout',
  serviceCodes: {},
  customerToken: ${customerToken},
  headers: {},${binding}
  payment: {
    shape: '${shape}',
    types: ['SALE'],
    flows: ['DH'],
    reference: { min: 1, max: 64 },
    requires: [],
    remarksMax: 255,
  },
  isCancellable: false,
  hasBalance: false,
  // Whatever a document says goes from this list, and from that of the README.
  inferred: ${inferred},
}
`,
    'index.ts': `import type { Channel, Unresolved } from '../channel.ts'
import type { ChannelFolder } from '../channel-folder.ts'
import { ${constant} } from './profile.ts'

export const ${wanted}: ChannelFolder = {
  slug: '${wanted}',
  profile: ${constant},
  path: '/bank/v1/${wanted}',
  open: ${wanted}Channel,
}

/** Knows nobody to ask yet, so everything is left open. */
function ${wanted}Channel(): Channel {
  const nobody = async (): Promise<Unresolved> => ({ kind: 'unresolved', cause: 'not written yet' })
  return {
    profile: ${constant},
    owns: () => false,
    charge: nobody,
    inquire: nobody,
    cancellations: { cancel: nobody },
    close: async () => {},
  }
}
`,
    'README.md': `# ${wanted}

Run by … Documents: … Wire: …

Inferred, because no page says it:
- everything so far

Oddities: none known.
`,
  }
}
