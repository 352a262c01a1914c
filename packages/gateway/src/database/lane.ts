import pg from 'pg'
import {
  Batch,
  type BatchCall,
  type Group,
  type Parameter,
  prepare,
  type Row,
  type Statement,
} from './batch.ts'

/** The database did not answer in time. What was asked may or may not have been done. */
export class DatabaseSilent extends Error {
  override readonly name = 'DatabaseSilent'
}

/** More callers wait than the lane may hold. Nothing was sent. */
export class DatabaseBusy extends Error {
  override readonly name = 'DatabaseBusy'
}

export interface LaneOptions {
  readonly url: string
  readonly statements: readonly Statement[]
  /** Calls in one commit. */
  readonly batchSize: number
  /** Calls that may wait; one more is refused with DatabaseBusy. */
  readonly queueSize: number
  /** A batch that is not acknowledged within this time has lost its connection. */
  readonly stuckMs: number
  readonly onBatch?: (calls: number) => void
  readonly onFault?: (error: Error) => void
}

export interface CallLimits {
  /** Calls of one statement that share these go out as one call of it: they are its first parameters. */
  readonly shared: readonly string[]
  /** Calls of one batch are sent in the order of their keys. */
  readonly key: string
  readonly timeoutMs: number
}

interface Waiting extends BatchCall {
  readonly statement: Statement
  readonly shared: readonly string[]
  /** Calls of one batch are sent in the order of their keys, so that two lanes never lock the same rows crosswise. */
  readonly key: string
  readonly expiresAt: number
  alone: boolean
  resolve(row: Row | undefined): void
  reject(error: Error): void
}

interface WaitingGroup extends Group {
  readonly calls: Waiting[]
}

/**
 * The functions keep their plans, and they are made once: planning the partitioned tables anew costs more than the
 * work. A plan made while the tables were empty would read them whole for ever after, alone or once for each row of a
 * batch, so that is ruled out. A lock is not waited for long: everybody in the batch waits with it.
 */
export const LANE_SETTINGS =
  '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_nestloop=off -c jit=off -c lock_timeout=250ms'
const TICK_MS = 25
const RECONNECT_MS = [10, 50, 100, 250, 500] as const
/** Deadlock and serialisation failure: the same call may pass when repeated. */
const PASSING = new Set(['40P01', '40001'])
/** Shut down, crashed, starting up, or a standby: this connection is of no use any more. */
const LEAVING = new Set(['57P01', '57P02', '57P03', '25006'])

/**
 * One connection on which calls of many requests are committed together. What arrives while a batch is being written
 * waits and goes out with the next; nobody waits for a timer. A call resolves after the commit that holds it.
 *
 * Every statement of a lane must be safe to repeat: after a lost connection a batch is unknown and is sent again.
 */
export class Lane {
  readonly #options: LaneOptions
  readonly #timer: NodeJS.Timeout
  #queue: Waiting[] = []
  #flight: Waiting[] = []
  #flightSince = 0
  #client: pg.Client | undefined
  #attempts = 0
  #isConnecting = false
  #isClosed = false

  constructor(options: LaneOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#expire(), TICK_MS)
    this.#connect()
  }

  get isConnected(): boolean {
    return this.#client !== undefined
  }

  /** Queues a call and resolves with its row once committed. Rejects with DatabaseSilent when `timeoutMs` pass first. */
  call(
    statement: Statement,
    values: readonly Parameter[],
    { shared, key, timeoutMs }: CallLimits,
  ): Promise<Row | undefined> {
    if (this.#isClosed) return Promise.reject(new DatabaseSilent('The lane is closed'))
    if (this.#queue.length >= this.#options.queueSize)
      return Promise.reject(new DatabaseBusy('Too many calls wait'))
    return new Promise((resolve, reject) => {
      const expiresAt = performance.now() + timeoutMs
      this.#queue.push({ statement, values, shared, key, expiresAt, alone: false, resolve, reject })
      this.#pump()
    })
  }

  /** Lets the batch in flight end, refuses what waits, closes the connection. */
  async close(): Promise<void> {
    this.#isClosed = true
    const deadline = performance.now() + 2_000
    while ((this.#flight.length > 0 || this.#queue.length > 0) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    clearInterval(this.#timer)
    if (this.#flight.length > 0) this.#abandon()
    for (const call of this.#queue.splice(0)) call.reject(new DatabaseSilent('The lane is closed'))
    await this.#client?.end().catch(() => {})
  }

  #connect(): void {
    if (this.#isConnecting) return
    this.#isConnecting = true
    const client = new pg.Client({
      connectionString: this.#options.url,
      connectionTimeoutMillis: this.#options.stuckMs,
      application_name: 'gerbang-lane',
      options: LANE_SETTINGS,
      keepAlive: true,
    })
    client.on('error', (error) => this.#drop(client, error))
    client.on('end', () => this.#drop(client, new Error('The database closed the connection')))
    const patience = setTimeout(() => destroy(client), this.#options.stuckMs)
    client
      .connect()
      .then(() => prepare(client, this.#options.statements))
      .finally(() => clearTimeout(patience))
      .then(
        () => {
          this.#isConnecting = false
          if (this.#isClosed) return void client.end().catch(() => {})
          this.#client = client
          this.#pump()
        },
        (error: Error) => {
          this.#isConnecting = false
          client.end().catch(() => {})
          this.#options.onFault?.(error)
          this.#connectLater()
        },
      )
  }

  #connectLater(): void {
    if (this.#isClosed) return
    const delay = RECONNECT_MS[Math.min(this.#attempts++, RECONNECT_MS.length - 1)]
    setTimeout(() => this.#isClosed || this.#connect(), delay).unref()
  }

  #drop(client: pg.Client, error: Error): void {
    if (this.#client !== client) return
    this.#client = undefined
    const now = performance.now()
    const calls = this.#flight
    this.#flight = []
    for (const call of calls)
      if (call.expiresAt <= now) call.reject(new DatabaseSilent('The commit was not acknowledged'))
    this.#queue.unshift(...calls.filter((call) => call.expiresAt > now))
    client.end().catch(() => {})
    this.#options.onFault?.(error)
    this.#connectLater()
  }

  #pump(): void {
    const client = this.#client
    if (client === undefined || this.#flight.length > 0 || this.#queue.length === 0) return
    const calls = this.#next()
    this.#flight = calls
    this.#flightSince = performance.now()
    this.#options.onBatch?.(calls.length)
    const groups = groupsOf(calls)
    client.query(
      new Batch(groups, (result) => {
        if (this.#flight !== calls) return
        if (result.kind === 'refused' && !isRefusal(result.error)) return this.#drop(client, result.error)
        this.#flight = []
        this.#attempts = 0
        if (result.kind === 'committed')
          for (const [index, group] of groups.entries())
            for (const [place, call] of group.calls.entries()) call.resolve(result.rows[index]?.[place])
        else this.#refuse(calls, result.error)
        setImmediate(() => this.#pump())
      }),
    )
  }

  #next(): Waiting[] {
    const first = this.#queue[0]
    if (first?.alone) return this.#queue.splice(0, 1)
    const untilAlone = this.#queue.findIndex((call) => call.alone)
    const size = Math.min(this.#options.batchSize, untilAlone === -1 ? this.#queue.length : untilAlone)
    return this.#queue.splice(0, size).sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  }

  /** One bad call refuses its whole batch, so each is tried again by itself. */
  #refuse(calls: Waiting[], error: Error): void {
    const isPassing = error instanceof pg.DatabaseError && PASSING.has(error.code ?? '')
    const [call] = calls
    if (call !== undefined && calls.length === 1 && !isPassing) {
      if (isLocked(error)) this.#refuseLocked(call)
      else call.reject(error)
      return
    }
    for (const call of calls) call.alone = true
    // At the end: the others have done nothing to wait for this one.
    if (calls.length === 1) this.#queue.push(...calls)
    else this.#queue.unshift(...calls)
  }

  /** Those that failed together with it and share what it is about would wait for the same lock, one after the other. */
  #refuseLocked(locked: Waiting): void {
    const group = groupOf(locked)
    const isHeld = (call: Waiting) => call.alone && groupOf(call) === group
    const held = [locked, ...this.#queue.filter(isHeld)]
    this.#queue = this.#queue.filter((call) => !isHeld(call))
    for (const call of held) call.reject(new DatabaseSilent('Somebody else holds the row'))
  }

  #expire(): void {
    const now = performance.now()
    if (this.#flight.length > 0 && now - this.#flightSince > this.#options.stuckMs) this.#abandon()
    for (const call of this.#flight)
      if (call.expiresAt <= now) call.reject(new DatabaseSilent('The commit was not acknowledged'))
    if (!this.#queue.some((call) => call.expiresAt <= now)) return
    const expired = this.#queue.filter((call) => call.expiresAt <= now)
    this.#queue = this.#queue.filter((call) => call.expiresAt > now)
    for (const call of expired) call.reject(new DatabaseSilent('The database is not reachable'))
  }

  #abandon(): void {
    const client = this.#client
    if (client === undefined) return
    this.#drop(client, new Error('The database did not acknowledge a batch'))
    destroy(client)
  }
}

function groupOf({ statement, shared }: Waiting): string {
  return `${statement.name} ${shared.join(' ')}`
}

function isLocked(error: Error): boolean {
  return error instanceof pg.DatabaseError && error.code === '55P03'
}

/** In the order in which the first of each stands. */
function groupsOf(calls: readonly Waiting[]): readonly WaitingGroup[] {
  const groups = new Map<string, WaitingGroup>()
  for (const call of calls) {
    const { statement, shared } = call
    const name = groupOf(call)
    const known = groups.get(name)
    if (known === undefined) groups.set(name, { statement, shared, calls: [call] })
    else known.calls.push(call)
  }
  return [...groups.values()]
}

/** The server spoke and will speak again. Anything else is a lost connection, and the batch is unknown. */
function isRefusal(error: Error): boolean {
  return error instanceof pg.DatabaseError && !LEAVING.has(error.code ?? '')
}

/** Cuts the connection: `end()` would wait for an answer of the server. */
function destroy(client: pg.Client): void {
  const { connection } = client as pg.Client & { connection: { stream: { destroy(): void } } }
  connection.stream.destroy()
}
