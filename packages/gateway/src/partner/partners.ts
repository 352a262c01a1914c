import { randomInt } from 'node:crypto'
import { type Profile, readPublicKey } from '@gerbang/snap'
import { type Config, openConfiguredVault } from '../config.ts'
import { openDatabase } from '../database/pool.ts'
import { secretContext, sharedKeyContext } from './partner.ts'
import { type NotificationMode, type PartnerUrl, PURPOSES, type Purpose } from './recipient.ts'
import { addPartner, changePartner, deleteUrl, listPartners, listUrls, putUrl } from './store.ts'

export interface NewPartner {
  /** Made when absent: `BRN-dddd-<13 digits>`. */
  readonly partnerId?: string
  readonly name: string
  /** The partner's RSA public key, SPKI or PKCS#1 PEM, at least 2048 bits. */
  readonly publicKeyPem: string
  /** Made when absent: `SK-` and 20 letters or digits. */
  readonly clientSecret?: string
  readonly profile?: Profile
}

export interface PartnerLine {
  readonly partnerId: string
  readonly name: string
  readonly profile: Profile
  readonly state: string
  readonly createdAt: string
}

/** What an operator may change of a partner; what is absent stays. It takes effect within `GERBANG_PARTNER_KEEP_MS`. */
export interface PartnerChanges {
  /** Each takes the place of the URL of its channel and purpose; without `url` that one is deleted. */
  readonly urls?: readonly {
    readonly channel?: string | undefined
    readonly purpose: Purpose
    readonly url?: string | undefined
  }[]
  readonly notificationMode?: NotificationMode | undefined
  /** Origins that may show the hosted pages in a frame; empty for none. */
  readonly frameAncestors?: readonly string[] | undefined
  /** The key of card data, where it is not the client secret. */
  readonly sharedKey?: string | undefined
}

export interface Partners {
  /** Adds a partner and returns its secret, which is not shown again. Throws when the id is taken or the key is weak. */
  create(partner: NewPartner): Promise<{ partnerId: string; clientSecret: string }>
  list(): Promise<readonly PartnerLine[]>
  /** All of it or nothing. Throws when there is no such partner, or a URL or an origin is none. */
  change(partnerId: string, changes: PartnerChanges): Promise<void>
  urls(partnerId: string): Promise<readonly PartnerUrl[]>
  close(): Promise<void>
}

/** The partners of the database that the configuration names, for those who operate the gateway. */
export function openPartners(config: Config): Partners {
  const database = openDatabase({ url: config.databaseUrl.reveal(), connections: 1, timeoutMs: 10_000 })
  const vault = openConfiguredVault(config)
  return {
    async create(partner) {
      const partnerId = partner.partnerId ?? `BRN-${digits(4)}-${Date.now()}`
      const clientSecret = partner.clientSecret ?? `SK-${letters(20)}`
      const isNew = await addPartner(database.sql, {
        partner_id: partnerId,
        name: partner.name,
        profile: partner.profile ?? 'doku',
        public_key_pem: readPublicKey(partner.publicKeyPem)
          .export({ type: 'spki', format: 'pem' })
          .toString(),
        secret_sealed: vault.seal(clientSecret, secretContext(partnerId)),
        created_at: new Date(),
      })
      if (!isNew) throw new Error(`Partner ${partnerId} exists already`)
      return { partnerId, clientSecret }
    },
    async list() {
      const rows = await listPartners(database.sql)
      return rows.map((row) => ({
        partnerId: row.partner_id,
        name: row.name,
        profile: row.profile,
        state: row.state,
        createdAt: row.created_at.toISOString(),
      }))
    },
    change(partnerId, changes) {
      const { urls = [], notificationMode, frameAncestors, sharedKey } = changes
      for (const { purpose, url } of urls) checkUrl(purpose, url)
      for (const origin of frameAncestors ?? []) checkOrigin(origin)
      return database.transaction(async (sql) => {
        const isKnown = await changePartner(sql, partnerId, {
          mode: notificationMode ?? null,
          frameAncestors: frameAncestors?.join(' ') ?? null,
          sharedKeySealed:
            sharedKey === undefined ? null : vault.seal(sharedKey, sharedKeyContext(partnerId)),
        })
        if (!isKnown) throw new Error(`There is no partner ${partnerId}`)
        for (const { channel = '', purpose, url } of urls) {
          if (url === undefined) await deleteUrl(sql, partnerId, { channel, purpose })
          else await putUrl(sql, partnerId, { channel, purpose, url })
        }
      })
    },
    urls: async (partnerId) =>
      (await listUrls(database.sql, [partnerId])).map(({ channel, purpose, url }) => ({
        channel,
        purpose,
        url,
      })),
    close: () => database.close(),
  }
}

function checkUrl(purpose: string, url: string | undefined): void {
  if (!(PURPOSES as readonly string[]).includes(purpose))
    throw new Error(`${purpose} is not one of ${PURPOSES.join(', ')}`)
  if (url === undefined) return
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  const isSound = parsed !== undefined && /^https?:$/.test(parsed.protocol) && parsed.username === ''
  if (!isSound || url.length > 1024)
    throw new Error(`The URL for ${purpose} is not an http or https URL without a user`)
}

function checkOrigin(origin: string): void {
  if (!URL.canParse(origin) || new URL(origin).origin !== origin)
    throw new Error(`${origin} is not an origin`)
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function letters(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

function digits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join('')
}
