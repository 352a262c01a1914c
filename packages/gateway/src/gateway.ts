import type { FastifyInstance } from 'fastify'
import { addAccessTokenRoutes } from './access-token/routes.ts'
import { openAdministrationServer, partnerGates } from './administration.ts'
import type { AuthDeps } from './auth/authenticate.ts'
import { openTokens } from './auth/tokens.ts'
import { addBalanceRoutes } from './balance/routes.ts'
import { addBindingRoutes } from './bindings.ts'
import { addCancelRoutes } from './cancellations.ts'
import { findCardToken } from './card-token/card-token.ts'
import type { Channel } from './channels/channel.ts'
import { channelNamed, openChannels } from './channels/index.ts'
import { type Clock, openDemoClock, systemClock } from './clock.ts'
import { type Config, channelOptions, openConfiguredVault, signatureForms } from './config.ts'
import { customerTokenDeps } from './customer-tokens.ts'
import { openLanes } from './database/lanes.ts'
import { type Database, openDatabase } from './database/pool.ts'
import { startHousekeeping } from './housekeeping.ts'
import { addHealthRoutes } from './http/health.ts'
import { type Log, openLog } from './http/log.ts'
import { type Metrics, openMetrics } from './http/metrics.ts'
import { openApi } from './http/openapi.ts'
import { addReferenceRoutes } from './http/reference.ts'
import { openServer } from './http/server.ts'
import type { Resolve } from './notification/target-guard.ts'
import { type KeyUse, openKeyUse } from './partner/key-use/key-use.ts'
import { openDirectory } from './partner/partner.ts'
import { newReferenceNo } from './payment/order.ts'
import type { PaymentDeps } from './payment/payment-host-to-host.ts'
import { openPlaces } from './payment/places.ts'
import { addPaymentRoutes } from './payment/routes.ts'
import { resendCode } from './payment/steps/resend.ts'
import type { StepDeps } from './payment/steps/settle.ts'
import { findPayments, PAYMENT_STATEMENTS } from './payment/store.ts'
import { addPaymentPages } from './payment-pages.ts'
import { codeDeps, stepDeps } from './payment-steps.ts'
import { paymentDeps } from './payments.ts'
import type { Lend } from './rate-limit/bucket.ts'
import { findHistory } from './refund/store.ts'
import { addRefundRoutes } from './refunds.ts'
import { isRequestUsed } from './request-id/request-ids.ts'
import { addStatusRoutes } from './status/routes.ts'
import { addUnbindingRoutes } from './unbindings.ts'
import { processName } from './vault/process-name.ts'
import type { Vault } from './vault/vault.ts'

/** What a test or a scheduler may put in the place of the real thing. */
export interface Seams {
  readonly clock?: Clock
  readonly channels?: readonly Channel[]
  readonly newReferenceNo?: (now: number) => string
  readonly log?: Log
  readonly readMetrics?: () => Promise<string>
  /** How the names of partners' hosts are resolved. */
  readonly resolve?: Resolve
  /** Where tokens of the partners' limits come from: of the leading process where there is one. */
  readonly lend?: Lend
}

export interface Gateway {
  readonly app: FastifyInstance
  readonly metrics: Metrics
  /** Binds the configured address and returns the URL. */
  listen(): Promise<string>
  /** The same for the admin API; undefined, and nothing is bound, when no key of it is configured. */
  listenAdmin(): Promise<string | undefined>
  /** Ends what runs, answers what was asked, closes the database. May be called twice. */
  close(): Promise<void>
}

/** Payments that keep their card or wait for a code are settled on connections of their own: a rush of them must not keep others from reading. */
const LINKING_CONNECTIONS = 4

/** Builds one process of the gateway. The database must have been migrated. Nothing is started before `listen`. */
export async function openGateway(config: Config, seams: Seams = {}): Promise<Gateway> {
  const clock = seams.clock ?? clockOf(config)
  const log = seams.log ?? openLog({ level: config.logLevel })
  const metrics = openMetrics()
  const onFault = (where: string) => (error: Error) => {
    metrics.countFault(where)
    log.fault(where, error)
  }
  const url = config.databaseUrl.reveal()
  const name = processName(config.cardKeys.map(({ id }) => id))
  const openPool = (connections: number) =>
    openDatabase({ url, name, connections, timeoutMs: config.queryTimeoutMs, onFault: onFault('pool') })
  const database = openPool(config.poolConnections)
  const linking = openPool(LINKING_CONNECTIONS)
  const lanes = openLanes(config.laneCount, {
    url,
    statements: PAYMENT_STATEMENTS,
    batchSize: config.laneBatch,
    queueSize: config.laneQueue,
    stuckMs: config.claimTimeoutMs,
    onBatch: metrics.observeBatch,
    onFault: onFault('lane'),
  })
  const channels = seams.channels ?? openChannels(channelOptions(config))
  const vault = openConfiguredVault(config)
  const app = openServer({ clock, metrics, limits: config, log: log.request })
  const keyUse = openKeyUse(clock)
  const steps = stepDeps({ app, config, vault }, linking)
  const payment = paymentDeps({ config, clock, lanes, linking, vault, channels, steps })
  const parts = { app, config, clock, log, metrics, database, vault, channels, payment, steps, keyUse, seams }
  await addRoutes(app, parts)
  const admin = await openAdministrationServer(parts)
  const stopHousekeeping = startHousekeeping(parts)
  let closed: Promise<void> | undefined
  const end = async () => {
    await Promise.all([app.close(), admin?.close()])
    await stopHousekeeping()
    await Promise.all(channels.map((channel) => channel.close()))
    await lanes.close()
    await Promise.all([linking.close(), database.close()])
    await log.flush()
  }

  return {
    app,
    metrics,
    listen: () => app.listen({ host: config.host, port: config.port, backlog: 1024 }),
    listenAdmin: async () => admin?.listen(),
    close() {
      closed ??= end()
      return closed
    },
  }
}

function clockOf({ clockFile }: Config): Clock {
  return clockFile === undefined ? systemClock : openDemoClock(clockFile)
}

export interface Parts {
  readonly app: FastifyInstance
  readonly config: Config
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly database: Database
  readonly vault: Vault
  readonly channels: readonly Channel[]
  readonly payment: PaymentDeps
  readonly steps: StepDeps
  readonly keyUse: KeyUse
  readonly seams: Seams
}

async function addRoutes(app: FastifyInstance, parts: Parts): Promise<void> {
  const { config, clock, metrics, vault, seams } = parts
  const { sql } = parts.database
  const auth = {
    clock,
    ...customerTokenDeps(parts),
    directory: openDirectory({
      sql,
      vault,
      clock,
      keepMs: config.partnerKeepMs,
      size: 10_000,
      keyUse: parts.keyUse,
    }),
    tokens: openTokens({
      signingKey: config.signingKeyFile,
      issuer: config.tokenIssuer,
      lifeSeconds: config.tokenSeconds,
      leewaySeconds: config.tokenLeewaySeconds,
      clock,
      remembered: 10_000,
    }),
    toleranceMs: config.transactionToleranceSeconds * 1000,
    pathPrefix: config.pathPrefix,
    forms: signatureForms(config),
    keyUse: parts.keyUse,
    gates: partnerGates(parts),
  }
  addAccessTokenRoutes(app, { ...auth, toleranceMs: config.tokenToleranceSeconds * 1000 })
  addMoneyRoutes(app, auth, parts)
  addBindingRoutes(app, auth, parts)
  addUnbindingRoutes(app, auth, parts)
  addHealthRoutes(app, {
    findFault: parts.database.findFault,
    readMetrics: seams.readMetrics ?? (() => metrics.registry.metrics()),
  })
  await addReferenceRoutes(app, { document: openApi(), title: 'Gerbang API reference' })
}

function addMoneyRoutes(app: FastifyInstance, auth: AuthDeps, parts: Parts): void {
  const { config, clock, metrics, vault, channels, payment, seams } = parts
  const { sql } = parts.database
  addPaymentRoutes(app, auth, {
    ...payment,
    vault,
    channels,
    newReferenceNo: seams.newReferenceNo ?? newReferenceNo,
    networkExpiryMs: config.networkExpiryMs,
    confirmMs: config.confirmSeconds * 1000,
    debitConfirmMs: config.debitConfirmSeconds * 1000,
    jumpAppMs: config.jumpAppSeconds * 1000,
    jumpAppLongestMs: config.jumpAppLongestSeconds * 1000,
    allowsPrivateHosts: config.mode === 'demo',
    isUsed: (claimant) =>
      isRequestUsed(sql, { ...claimant, operation: 'payment-host-to-host', claimedAt: clock.now() }),
    onPayment: metrics.countPayment,
    places: openPlaces(config.partnerPayments),
    onNetwork: metrics.observeNetwork,
    sendCode: async (paid) => void (await resendCode(codeDeps(parts), { name: paid })),
  })
  addRefundRoutes(app, auth, parts)
  addCancelRoutes(app, auth, parts)
  addPaymentPages(app, auth, parts)
  addBalanceRoutes(app, auth, {
    vault,
    channels,
    findAccount: (partnerId, bankCardToken) => findCardToken(sql, partnerId, bankCardToken),
    networkTimeoutMs: config.networkTimeoutMs,
  })
  addStatusRoutes(app, auth, {
    find: (partnerId, names) => findPayments(sql, partnerId, names),
    findRefunds: (partnerId, referenceNo) => findHistory(sql, partnerId, referenceNo),
    acquirerOf: (name) => channelNamed(channels, name)?.profile.acquirer,
  })
}
