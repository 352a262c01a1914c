import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { readInput } from '../credentials.ts'
import { CommandFailure, EXIT, usageFailure } from '../failure.ts'
import { shellWord } from '../shell-word.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { withPartners } from './on-database.ts'
import { addPartnerKey } from './partner-key.ts'
import { addPartnerSet } from './partner-set.ts'
import { addPartnerShow } from './partner-show.ts'
import { addPartnerState } from './partner-state.ts'

interface CreateOptions {
  readonly name: string
  readonly publicKey?: string
  readonly clientId?: string
  readonly profile: string
  readonly json?: boolean
}

const PROFILES = ['doku', 'snap'] as const

export function addPartner(program: Command, context: Context): void {
  const partner = program.command('partner').description('who may sign requests')
  partner
    .command('create')
    .description('register a partner; the client secret is shown once')
    .requiredOption('--name <text>', 'the name that people read')
    .option(
      '--public-key <file>',
      "the partner's RSA public key (PEM), - for standard input; without it a key pair is made",
    )
    .option('--client-id <id>', 'X-PARTNER-ID; made when absent')
    .option('--profile <profile>', 'response codes and repeated requests: doku or snap', 'doku')
    .option('--json', 'print JSON')
    .action((options: CreateOptions) => create(context, options))
  partner
    .command('list')
    .description('all partners')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => list(context, options))
  addPartnerSet(partner, context)
  addPartnerShow(partner, context)
  addPartnerState(partner, context)
  addPartnerKey(partner, context)
}

async function create({ config, terminal }: Context, options: CreateOptions): Promise<void> {
  const profile = PROFILES.find((known) => known === options.profile)
  if (profile === undefined) throw usageFailure('--profile must be doku or snap.')
  const { made, privateKeyFile } = await withPartners(config, async (partners) => {
    // The list first: no key file is left behind for a partner that does not come to exist.
    const isTaken = (await partners.list()).some(({ partnerId }) => partnerId === options.clientId)
    if (isTaken) throw takenFailure(options.clientId ?? '')
    const keys =
      options.publicKey === undefined
        ? makeKeys(config.home, options.clientId ?? options.name)
        : { publicKeyPem: readInput(config.cwd, options.publicKey), privateKeyFile: undefined }
    const made = await partners.create({
      name: options.name,
      publicKeyPem: keys.publicKeyPem,
      profile,
      ...(options.clientId === undefined ? {} : { partnerId: options.clientId }),
    })
    return { made, privateKeyFile: keys.privateKeyFile }
  })
  if (options.json) {
    sayJson(terminal, { ...made, privateKeyFile })
    return
  }
  terminal.say(`Partner ${made.partnerId} may sign requests. The secret is shown this once.`)
  sayRows(terminal, [
    ['GERBANG_CLIENT_ID', made.partnerId],
    ['GERBANG_CLIENT_SECRET', made.clientSecret],
    ['GERBANG_PRIVATE_KEY_FILE', privateKeyFile],
  ])
}

function takenFailure(partnerId: string): CommandFailure {
  return new CommandFailure(EXIT.refused, `Partner ${partnerId} exists already.`, {
    next: `npx gerbang partner show ${shellWord(partnerId)}, or choose another --client-id`,
  })
}

async function list({ config, terminal }: Context, options: { json?: boolean }): Promise<void> {
  const lines = await withPartners(config, (partners) => partners.list())
  if (options.json) {
    sayJson(terminal, lines)
    return
  }
  if (lines.length === 0) terminal.say('No partners. Next: npx gerbang partner create --name "My shop"')
  for (const { partnerId, state, profile, createdAt, name } of lines) {
    terminal.say([partnerId, state, profile, createdAt, name].join('  '))
  }
}

/** An RSA pair; the private half goes to a new file that only its owner reads. An existing file is never replaced. */
function makeKeys(home: string, name: string): { publicKeyPem: string; privateKeyFile: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const slug = name.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'partner'
  const file = join(home, `${slug}.pem`)
  mkdirSync(home, { recursive: true, mode: 0o700 })
  try {
    writeFileSync(file, privateKey, { mode: 0o600, flag: 'wx' })
  } catch {
    throw usageFailure(
      `${file} exists or cannot be written.`,
      'choose another --client-id or pass --public-key FILE',
    )
  }
  return { publicKeyPem: publicKey, privateKeyFile: file }
}
