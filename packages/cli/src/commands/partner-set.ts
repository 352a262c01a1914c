import type { PartnerChanges } from '@gerbang/gateway'
import { type Command, Option } from 'commander'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { sayJson, sayRows } from '../terminal.ts'
import { withPartners } from './on-database.ts'

interface SetOptions {
  readonly notificationUrl?: string
  readonly tokenUrl?: string
  readonly bindingUrl?: string
  readonly channel?: string
  readonly mode?: 'symmetric' | 'asymmetric'
  readonly frameAncestors?: readonly string[]
  readonly json?: boolean
}

const NONE = 'none'

export function addPartnerSet(partner: Command, context: Context): void {
  partner
    .command('set')
    .description('where a partner is told, how that is signed, and who may frame the hosted pages')
    .argument('<partnerId>', 'X-PARTNER-ID')
    .option('--notification-url <url>', 'told of payments and refunds there; none to stop')
    .option('--token-url <url>', 'asked for a token there first; none to stop')
    .option('--binding-url <url>', 'told of kept cards there; none to stop')
    .option('--channel <channel>', 'the URLs are for that channel only, such as KARTU_KREDIT_INDONESIA_SNAP')
    .addOption(
      new Option(
        '--mode <mode>',
        "signed with the partner's secret and token, or with the gateway's key",
      ).choices(['symmetric', 'asymmetric']),
    )
    .option('--frame-ancestors <origin...>', 'such as https://shop.example; none for nobody')
    .option('--json', 'print JSON')
    .action((partnerId: string, options: SetOptions) => set(context, partnerId, options))
}

async function set({ config, terminal }: Context, partnerId: string, options: SetOptions): Promise<void> {
  const changes = changesOf(options)
  const { urls, waitMs } = await withPartners(config, async (partners, { partnerKeepMs }) => {
    const known = await partners.list()
    if (!known.some((line) => line.partnerId === partnerId)) {
      throw usageFailure(`There is no partner ${partnerId}.`, 'npx gerbang partner list')
    }
    await partners.change(partnerId, changes)
    return { urls: await partners.urls(partnerId), waitMs: partnerKeepMs }
  })
  if (options.json) {
    sayJson(terminal, { ...changes, partnerId, urls })
    return
  }
  terminal.say(
    `${terminal.shade('green', 'Set.')} It counts within ${Math.ceil(waitMs / 1_000)} s; what is under way goes where it was sent.`,
  )
  sayRows(terminal, [
    ...urls.map(({ channel, purpose, url }) => [[purpose, channel].join(' ').trim(), url] as const),
    ['mode', changes.notificationMode],
    ['frame-ancestors', changes.frameAncestors?.join(' ') || (changes.frameAncestors && 'nobody')],
  ])
}

function changesOf(options: SetOptions): PartnerChanges {
  const { channel, mode, frameAncestors } = options
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
  if (urls.length === 0 && mode === undefined && frameAncestors === undefined) {
    throw usageFailure('Nothing to set.', 'npx gerbang partner set --help')
  }
  return {
    urls,
    notificationMode: mode,
    frameAncestors: origins,
  }
}
