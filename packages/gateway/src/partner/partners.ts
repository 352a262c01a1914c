import { randomInt } from 'node:crypto'
import { type Profile, readPublicKey } from '@gerbang/snap'
import { type Config, openConfiguredVault } from '../config.ts'
import { openDatabase } from '../database/pool.ts'
import { secretContext } from './partner.ts'
import { addPartner, listPartners } from './store.ts'

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

export interface Partners {
  /** Adds a partner and returns its secret, which is not shown again. Throws when the id is taken or the key is weak. */
  create(partner: NewPartner): Promise<{ partnerId: string; clientSecret: string }>
  list(): Promise<readonly PartnerLine[]>
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
    close: () => database.close(),
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function letters(length: number): string {
  return Array.from({ length }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

function digits(length: number): string {
  return Array.from({ length }, () => randomInt(10)).join('')
}
