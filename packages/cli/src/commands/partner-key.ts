import type { PartnerView, Rotated } from '@gerbang/gateway'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { readInput } from '../credentials.ts'
import { readDuration } from '../duration.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { withPartners } from './on-database.ts'

interface KeyOptions {
  readonly json?: boolean
  readonly overlap?: string
  readonly publicKey?: string
  readonly sharedKey?: string
}

const OVERLAP = '1d'

/** Keys of a partner: each kind is changed with an overlap, in which the earlier key and the new one are good. */
export function addPartnerKey(partner: Command, context: Context): void {
  const key = partner.command('key').description('keys of a partner, and how they are changed')
  key
    .command('add')
    .description('a further public key; two are good at the same time at most')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .requiredOption('--public-key <file>', "the partner's RSA public key (PEM), - for standard input")
    .option('--overlap <duration>', 'the one before ends after this time, such as 7d; else when it is ended')
    .option('--json', 'print JSON')
    .action((partnerId: string, options: KeyOptions) => add(context, partnerId, options))
  key
    .command('rotate')
    .description('a new client secret, shown once; the one before stays good for a while')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .option('--overlap <duration>', 'how long both are good, such as 12h', OVERLAP)
    .option('--json', 'print JSON')
    .action((partnerId: string, options: KeyOptions) => rotate(context, partnerId, options))
  key
    .command('share')
    .description('the key of card data, where it is not the client secret')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .option('--shared-key <file>', 'a file that holds it, - for standard input; made when absent')
    .option('--overlap <duration>', 'how long the one before is good', OVERLAP)
    .option('--json', 'print JSON')
    .action((partnerId: string, options: KeyOptions) => share(context, partnerId, options))
  key
    .command('end')
    .description('end a key at once')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .argument('<keyId>', 'such as secret-1, of gerbang partner show')
    .option('--json', 'print JSON')
    .action((partnerId: string, keyId: string, options: KeyOptions) =>
      end(context, { partnerId, keyId }, options),
    )
}

async function add({ config, terminal }: Context, partnerId: string, options: KeyOptions): Promise<void> {
  const publicKeyPem = readInput(config.cwd, options.publicKey ?? '-')
  const overlapSeconds = secondsOf(options)
  const partner = await withPartners(config, (partners) =>
    partners.addPublicKey(partnerId, { publicKeyPem, overlapSeconds }),
  )
  if (options.json) return sayJson(terminal, partner)
  sayKeys({ config, terminal }, partner, 'public')
}

async function rotate({ config, terminal }: Context, partnerId: string, options: KeyOptions): Promise<void> {
  const seconds = secondsOf(options) ?? 0
  const rotated = await withPartners(config, (partners) => partners.rotateSecret(partnerId, seconds))
  sayRotated({ config, terminal }, { rotated, name: 'GERBANG_CLIENT_SECRET', kind: 'secret' }, options)
}

async function share({ config, terminal }: Context, partnerId: string, options: KeyOptions): Promise<void> {
  const sharedKey =
    options.sharedKey === undefined ? undefined : readInput(config.cwd, options.sharedKey).trim()
  const overlapSeconds = secondsOf(options) ?? 0
  const rotated = await withPartners(config, (partners) =>
    partners.putSharedKey(partnerId, { sharedKey, overlapSeconds }),
  )
  // Who brought the key has it; a screen need not.
  const name = sharedKey === undefined ? 'shared key' : undefined
  sayRotated({ config, terminal }, { rotated, name, kind: 'shared' }, options)
}

async function end(
  { config, terminal }: Context,
  { partnerId, keyId }: { readonly partnerId: string; readonly keyId: string },
  options: KeyOptions,
): Promise<void> {
  const { partner, waitMs } = await withPartners(config, async (partners, { partnerKeepMs }) => ({
    partner: await partners.endKey(partnerId, keyId),
    waitMs: partnerKeepMs,
  }))
  if (options.json) return sayJson(terminal, partner)
  const words = terminal.shade('green', `${keyId} has ended.`)
  terminal.say(`${words} It counts within ${Math.ceil(waitMs / 1_000)} s.`)
}

interface Told {
  readonly rotated: Rotated
  /** Under which the secret is shown; undefined when it is not. */
  readonly name: string | undefined
  readonly kind: 'secret' | 'shared'
}

function sayRotated(
  { config, terminal }: Context,
  { rotated, name, kind }: Told,
  { json }: KeyOptions,
): void {
  const { keyId, secret, partner } = rotated
  if (json) {
    sayJson(terminal, { keyId, ...(name !== undefined && { secret }), partner })
    return
  }
  if (name !== undefined) {
    terminal.say(`${keyId} is the key of ${partner.partnerId} now. It is shown this once.`)
    sayRows(terminal, [[name, secret]])
  }
  sayKeys({ config, terminal }, partner, kind)
}

function sayKeys({ terminal }: Context, { keys }: PartnerView, kind: string): void {
  const own = keys.filter((key) => key.kind === kind)
  sayRows(
    terminal,
    own.map(({ keyId, validUntil }) => [
      keyId,
      validUntil === undefined ? 'good' : `good until ${validUntil}`,
    ]),
  )
}

function secondsOf({ overlap }: KeyOptions): number | undefined {
  return overlap === undefined ? undefined : readDuration('--overlap', overlap) / 1_000
}
