import { canonicalName } from './channels/canonical-name.ts'
import { CHANNELS } from './channels/index.ts'
import { instantOf, readClockFile } from './clock.ts'
import { type Config, openConfiguredVault } from './config.ts'
import { openDatabase } from './database/pool.ts'
import {
  type Administration,
  type NewPartner,
  openAdministration,
  type Rotated,
} from './partner/administration/administration.ts'
import type { PartnerChanges } from './partner/administration/changes.ts'
import type { AuditRow } from './partner/audit/store.ts'
import type { PartnerUrl } from './partner/recipient.ts'
import type { PartnerView } from './partner/view.ts'

export interface PartnerLine {
  readonly partnerId: string
  readonly name: string
  readonly profile: PartnerView['profile']
  readonly state: PartnerView['state']
  readonly createdAt: string
}

/** What operators do with partners, by somebody whom the audit log names. Throws ChangeRefused; nothing is half done. */
export interface Partners {
  /** Adds a partner and returns its secret, which is not shown again. */
  create(partner: NewPartner): Promise<{ partnerId: string; clientSecret: string }>
  list(): Promise<readonly PartnerLine[]>
  show(partnerId: string): Promise<PartnerView>
  /** All of it or nothing. It takes effect within `GERBANG_PARTNER_KEEP_MS`. */
  change(partnerId: string, changes: PartnerChanges): Promise<PartnerView>
  urls(partnerId: string): Promise<readonly PartnerUrl[]>
  addPublicKey(
    partnerId: string,
    key: { publicKeyPem: string; overlapSeconds?: number | undefined },
  ): Promise<PartnerView>
  rotateSecret(partnerId: string, overlapSeconds: number): Promise<Rotated>
  putSharedKey(
    partnerId: string,
    key: { sharedKey?: string | undefined; overlapSeconds: number },
  ): Promise<Rotated>
  endKey(partnerId: string, keyId: string): Promise<PartnerView>
  /** The newest first. */
  audit(partnerId: string, most: number): Promise<readonly AuditRow[]>
  close(): Promise<void>
}

/** The partners of the database that the configuration names. `who` stands in the audit log. */
export function openPartners(config: Config, who = 'cli'): Partners {
  const database = openDatabase({ url: config.databaseUrl.reveal(), connections: 1, timeoutMs: 10_000 })
  const profiles = CHANNELS.map(({ profile }) => profile)
  const administration = openAdministration({
    database,
    vault: openConfiguredVault(config),
    now: timeOf(config),
    channelName: (name) => canonicalName(profiles, name),
  })
  return { ...boundTo(administration, { who }), close: () => database.close() }
}

function boundTo(administration: Administration, actor: { readonly who: string }): Omit<Partners, 'close'> {
  const { show } = administration
  const view = async (changed: Promise<{ readonly partner: PartnerView }>) => (await changed).partner
  return {
    show,
    async create(partner) {
      const { partner: made, secret } = await administration.create(actor, partner)
      return { partnerId: made.partnerId, clientSecret: secret }
    },
    list: async () =>
      (await administration.list()).map((row) => ({
        partnerId: row.partner_id,
        name: row.name,
        profile: row.profile,
        state: row.state,
        createdAt: row.created_at.toISOString(),
      })),
    change: (partnerId, changes) => view(administration.change(actor, partnerId, changes)),
    urls: async (partnerId) => (await show(partnerId)).urls,
    addPublicKey: (partnerId, key) => view(administration.addPublicKey(actor, partnerId, key)),
    rotateSecret: (partnerId, seconds) => administration.rotateSecret(actor, partnerId, seconds),
    putSharedKey: (partnerId, key) => administration.putSharedKey(actor, partnerId, key),
    endKey: (partnerId, keyId) => view(administration.endKey(actor, partnerId, keyId)),
    audit: (partnerId, most) => administration.audit(partnerId, { most }),
  }
}

/** In a demo whoever administers goes by its clock, so that an overlap ends for all at the same moment. */
function timeOf({ clockFile }: Config): () => number {
  return clockFile === undefined ? Date.now : () => instantOf(readClockFile(clockFile), Date.now())
}
