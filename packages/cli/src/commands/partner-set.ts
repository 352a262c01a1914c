import type { NotificationCustomerToken, PartnerChanges, PartnerView } from '@gerbang/gateway'
import { type Command, Option } from 'commander'
import { wholeName } from '../channel-names.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { withPartners } from './on-database.ts'
import { urlRow } from './partner-show.ts'

interface SetOptions {
  readonly notificationUrl?: string
  readonly tokenUrl?: string
  readonly bindingUrl?: string
  readonly channel?: string
  readonly mode?: 'symmetric' | 'asymmetric'
  readonly customerToken?: NotificationCustomerToken
  readonly frameAncestors?: readonly string[]
  readonly name?: string
  readonly profile?: 'doku' | 'snap'
  readonly idempotencyProfile?: 'doku' | 'snap'
  readonly requestsPerSecond?: string
  readonly burst?: string
  readonly tokensPerSecond?: string
  readonly json?: boolean
}

const NONE = 'none'
const USUAL = 'usual'
const LIMITS = [
  ['--requests-per-second', 'requestsPerSecond', 'requests per second'],
  ['--burst', 'burst', 'burst'],
  ['--tokens-per-second', 'tokensPerSecond', 'tokens per second'],
] as const
type Limits = PartnerView['limits']

export function addPartnerSet(partner: Command, context: Context): void {
  partner
    .command('set')
    .description(
      'where a partner is told, how that is signed, who may frame the hosted pages, and its limits',
    )
    .argument('<partnerId>', 'X-PARTNER-ID')
    .option('--notification-url <url>', 'told of payments and refunds there; none to stop')
    .option('--token-url <url>', 'asked for a token there first; none to stop')
    .option('--binding-url <url>', 'told of kept cards there; none to stop')
    .option('--channel <channel>', 'the URLs are for that channel only, such as cimb; any for all others')
    .addOption(
      new Option(
        '--mode <mode>',
        "signed with the partner's secret and token, or with the gateway's key",
      ).choices(['symmetric', 'asymmetric']),
    )
    .addOption(
      new Option(
        '--customer-token <which>',
        'names the customer in notifications: the latest token issued for it, the one that the token URL gave, or none',
      ).choices(['issued', 'merchantB2B', 'none']),
    )
    .option('--frame-ancestors <origin...>', 'such as https://shop.example; none for nobody')
    .option('--name <text>', 'the name that people read')
    .addOption(new Option('--profile <profile>', 'how response codes are numbered').choices(['doku', 'snap']))
    .addOption(
      new Option(
        '--idempotency-profile <profile>',
        'what a repeated request is answered: the first reply, or a bare conflict',
      ).choices(['doku', 'snap']),
    )
    .option(
      '--requests-per-second <n>',
      `signed requests; 0 for no limit, ${USUAL} for what the settings say`,
    )
    .option('--burst <n>', `signed requests at once; ${USUAL}: two seconds' worth`)
    .option('--tokens-per-second <n>', 'the same for access tokens')
    .option('--json', 'print JSON')
    .action((partnerId: string, options: SetOptions) => set(context, partnerId, options))
}

async function set({ config, terminal }: Context, partnerId: string, options: SetOptions): Promise<void> {
  const limits = limitsOf(options)
  const channel = options.channel === undefined ? undefined : await wholeName(options.channel)
  const changes = changesOf(options, channel)
  const { partner, waitMs } = await withPartners(config, async (partners, { partnerKeepMs }) => {
    return { partner: await partners.change(partnerId, { ...changes, limits }), waitMs: partnerKeepMs }
  })
  const { urls } = partner
  if (options.json) {
    sayJson(terminal, { ...changes, partnerId, urls })
    return
  }
  terminal.say(
    `${terminal.shade('green', 'Set.')} It counts within ${Math.ceil(waitMs / 1_000)} s; what is under way goes where it was sent.`,
  )
  sayRows(terminal, [
    ...urls.map(urlRow),
    ['name', changes.name],
    ['profile', changes.profile],
    ['idempotency', changes.idempotencyProfile],
    ['mode', changes.notificationMode],
    ['customer token', changes.notificationCustomerToken],
    ['frame-ancestors', changes.frameAncestors?.join(' ') || (changes.frameAncestors && 'nobody')],
    ...LIMITS.map(
      ([, name, title]) =>
        [title, limits === undefined ? undefined : limitWord(partner.limits[name])] as const,
    ),
  ])
}

function changesOf(options: SetOptions, channel: string | undefined): PartnerChanges {
  const { mode, customerToken, frameAncestors } = options
  const given = [
    ['notification', options.notificationUrl],
    ['token', options.tokenUrl],
    ['binding', options.bindingUrl],
  ] as const
  const urls = given.flatMap(([purpose, url]) =>
    url === undefined ? [] : [{ purpose, channel, url: url === NONE ? undefined : url }],
  )
  for (const { purpose, url } of urls) {
    if (url !== undefined && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) {
      throw usageFailure(`--${purpose}-url must be an http or https URL, or none.`)
    }
  }
  const origins = frameAncestors?.filter((origin) => origin !== NONE)
  for (const origin of origins ?? []) {
    if (!(URL.canParse(origin) && new URL(origin).origin === origin)) {
      throw usageFailure('--frame-ancestors must be origins such as https://shop.example, or none.')
    }
  }
  const { name, profile, idempotencyProfile } = options
  const others = [mode, customerToken, frameAncestors, name, profile, idempotencyProfile, limitsOf(options)]
  if (urls.length === 0 && others.every((one) => one === undefined)) {
    throw usageFailure('Nothing to set.', 'npx gerbang partner set --help')
  }
  return {
    urls,
    name,
    profile,
    idempotencyProfile,
    notificationMode: mode,
    notificationCustomerToken: customerToken,
    frameAncestors: origins,
  }
}

/** Those that are given; undefined when none is. */
function limitsOf(options: SetOptions): Partial<Limits> | undefined {
  const given = LIMITS.flatMap(([flag, name]): (readonly [keyof Limits, number | null])[] => {
    const text = options[name]
    if (text === undefined) return []
    if (text === USUAL) return [[name, null]]
    if (!/^\d{1,6}$/.test(text)) throw usageFailure(`${flag} must be a whole number, or ${USUAL}.`)
    return [[name, Number(text)]]
  })
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

function limitWord(limit: number | null): string {
  return limit === null ? USUAL : String(limit)
}
