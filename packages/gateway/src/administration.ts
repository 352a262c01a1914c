import { createPrivateKey, createPublicKey } from 'node:crypto'
import { adminApi } from './admin/openapi.ts'
import { addAdminRoutes } from './admin/routes.ts'
import { openAdminServer } from './admin/server.ts'
import { type Gates, openGates } from './auth/gates.ts'
import { canonicalName } from './channels/canonical-name.ts'
import { CHANNELS } from './channels/index.ts'
import type { Parts } from './gateway.ts'
import type { Loop } from './housekeeping.ts'
import { addReferenceRoutes } from './http/reference.ts'
import { openAdministration } from './partner/administration/administration.ts'
import { forgetEndedKeys } from './partner/administration/store.ts'
import { openBuckets } from './rate-limit/bucket.ts'
import { openLimiter } from './rate-limit/limiter.ts'

const KEYS_EVERY_MS = 5_000

/** By real time, whatever the clock of a demo shows: what is spared is the machine. */
const realTime = () => performance.now()

/** Limits and channels of partners, where every signed request passes. */
export function partnerGates({ config, channels, metrics, seams }: Parts): Gates {
  return openGates({
    limiter: openLimiter(seams.lend ?? openBuckets(realTime), realTime),
    channels,
    requestsPerSecond: config.partnerRequestsPerSecond,
    tokensPerSecond: config.partnerTokensPerSecond,
    onLimited: metrics.countRateLimited,
  })
}

/** Writes down when keys were last used, and forgets those that have ended. */
export function keyLoop({ database: { sql }, keyUse, clock }: Parts): Loop {
  return {
    where: 'keys',
    everyMs: KEYS_EVERY_MS,
    async pass() {
      await keyUse.write(sql)
      await forgetEndedKeys(sql, null, new Date(clock.now()))
    },
  }
}

export interface AdministrationServer {
  /** Binds the configured address and returns the URL. */
  listen(): Promise<string>
  close(): Promise<void>
}

/** The admin API with its own server, keys and document; undefined when there is no key for it. */
export async function openAdministrationServer(parts: Parts): Promise<AdministrationServer | undefined> {
  const { config, clock, log, metrics, database, vault, channels, seams } = parts
  if (config.adminKeys.length === 0) return undefined
  const app = openAdminServer({
    keys: config.adminKeys,
    now: realTime,
    lend: seams.lend ?? openBuckets(realTime),
    hosts: [...config.adminHosts, config.adminHost],
    log: log.note,
    onFault(error) {
      metrics.countFault('admin')
      log.fault('admin', error)
    },
  })
  const opened = channels.map(({ profile }) => profile)
  // A channel may be turned off before it is opened.
  const profiles = [...opened, ...CHANNELS.map(({ profile }) => profile)]
  const known = new Map(profiles.map((profile) => [profile.name, profile]))
  const gatewayKey = createPublicKey(createPrivateKey(config.signingKeyFile.reveal()))
  addAdminRoutes(app, {
    administration: openAdministration({
      database,
      vault,
      now: () => clock.now(),
      channelName: (name) => canonicalName(profiles, name),
    }),
    gatewayPublicKey: gatewayKey.export({ type: 'spki', format: 'pem' }).toString(),
    channels: [...known.values()].map((one) => ({
      name: one.name,
      title: one.title,
      isOpen: opened.includes(one),
    })),
    keepMs: config.partnerKeepMs,
  })
  await addReferenceRoutes(app, { document: adminApi(), title: 'Gerbang admin API' })
  return {
    async listen() {
      const url = await app.listen({ host: config.adminHost, port: config.adminPort })
      log.note('the admin API listens', { url })
      return url
    },
    close: () => app.close(),
  }
}
