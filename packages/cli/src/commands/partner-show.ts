import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyView, PartnerView } from '@gerbang/gateway'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { onDatabase, withPartners } from './on-database.ts'

interface ShowOptions {
  readonly json?: boolean
  readonly most?: string
}

const MOST = 100

/** What is only read. */
export function addPartnerShow(partner: Command, context: Context): void {
  partner
    .command('show')
    .description('all of a partner but its secrets')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .option('--json', 'print JSON')
    .action((partnerId: string, options: ShowOptions) => show(context, partnerId, options))
  partner
    .command('audit')
    .description('who changed what of a partner, newest first')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .option('--most <n>', 'how many entries', '20')
    .option('--json', 'print JSON')
    .action((partnerId: string, options: ShowOptions) => audit(context, partnerId, options))
  partner
    .command('gateway-key')
    .description('the public key of the gateway, with which partners verify who asks them')
    .action(() => gatewayKey(context))
}

async function show({ config, terminal }: Context, partnerId: string, options: ShowOptions): Promise<void> {
  const partner = await withPartners(config, (partners) => partners.show(partnerId))
  if (options.json) {
    sayJson(terminal, partner)
    return
  }
  terminal.say(`${partner.partnerId}  ${partner.state}  ${partner.name}`)
  sayRows(terminal, rowsOf(partner))
}

/** A URL under what it is for; its channel is named when it is for that one alone. */
export function urlRow({ purpose, channel, url }: PartnerView['urls'][number]): readonly [string, string] {
  return [channel === 'any' ? purpose : `${purpose} ${channel}`, url]
}

function rowsOf(partner: PartnerView): readonly (readonly [string, string | undefined])[] {
  const { requestsPerSecond, burst, tokensPerSecond } = partner.limits
  const limits = [
    ['requests per second', requestsPerSecond],
    ['burst', burst],
    ['tokens per second', tokensPerSecond],
  ] as const
  return [
    ['profile', partner.profile],
    ['idempotency', partner.idempotencyProfile],
    ['mode', partner.notificationMode],
    ['customer token', partner.notificationCustomerToken],
    ['frame-ancestors', partner.frameAncestors.join(' ') || undefined],
    ...partner.urls.map(urlRow),
    ...Object.entries(partner.channels).map(([name, isOn]) => [name, isOn ? 'on' : 'off'] as const),
    ...limits.map(([name, limit]) => [name, limit === null ? undefined : String(limit)] as const),
    ...partner.keys.map((key) => [key.keyId, keyWords(key)] as const),
  ]
}

function keyWords({ createdAt, validUntil, lastUsedAt, fingerprint }: KeyView): string {
  return [
    `since ${createdAt}`,
    validUntil && `until ${validUntil}`,
    lastUsedAt ? `last used ${lastUsedAt}` : 'not used yet',
    fingerprint && `SHA-256 ${fingerprint.slice(0, 16)}…`,
  ]
    .filter(Boolean)
    .join(', ')
}

async function audit({ config, terminal }: Context, partnerId: string, options: ShowOptions): Promise<void> {
  const most = Number(options.most)
  if (!Number.isInteger(most) || most < 1 || most > MOST)
    throw usageFailure(`--most must be a whole number from 1 to ${MOST}.`)
  const entries = await withPartners(config, (partners) => partners.audit(partnerId, most))
  if (options.json) {
    sayJson(terminal, entries)
    return
  }
  for (const { at, who, action, before, after } of entries) {
    terminal.say(`${at.toISOString()}  ${who}  ${action}`)
    for (const name of Object.keys(after)) {
      const old = name in before ? `${wordsOf(name, before[name])} → ` : ''
      terminal.say(`  ${name}: ${old}${wordsOf(name, after[name])}`)
    }
  }
}

/** Keys by their ids: the rest of them is what `--json` prints. */
function wordsOf(name: string, value: unknown): string {
  if (name !== 'keys') return JSON.stringify(value)
  return (value as readonly KeyView[])
    .map(({ keyId, validUntil }) => (validUntil === undefined ? keyId : `${keyId} until ${validUntil}`))
    .join(', ')
}

function gatewayKey({ config, terminal }: Context): Promise<void> {
  return onDatabase(config, async (_gateway, { signingKeyFile }) => {
    const key = createPublicKey(createPrivateKey(signingKeyFile.reveal()))
    terminal.say(key.export({ type: 'spki', format: 'pem' }).toString().trimEnd())
  })
}
