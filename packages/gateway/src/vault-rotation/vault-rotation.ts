import { cardContext as bindingCardContext } from '../binding/settle.ts'
import { dataKeyContext } from '../card-token/card-token.ts'
import { surplusContext } from '../card-token/surplus/surplus-token.ts'
import { systemClock } from '../clock.ts'
import { type Config, openConfiguredVault } from '../config.ts'
import { expectKnownTables } from '../database/migrate.ts'
import { openDatabase, type Sql } from '../database/pool.ts'
import { keyContext } from '../partner/keys.ts'
import { redirectContext } from '../payment/steps/settle.ts'
import { SEALED_REPLY_SERVICES, sealedReplyContext } from '../request-id/sealed-reply.ts'
import { keysOfProcess } from '../vault/process-name.ts'
import { keyIdOf, type Vault } from '../vault/vault.ts'
import { listSessions } from './sessions/store.ts'
import {
  type Change,
  type Key,
  type SealedColumn,
  type SealedRow,
  START,
  sealedColumn,
  sealedReplies,
} from './store.ts'

/** How far one column is. */
export interface RotationProgress {
  readonly table: string
  readonly column: string
  /** Values that this run has sealed anew. */
  readonly done: number
  /** Values still under an older key, as far as this run knows. */
  readonly left: number
  /** Of these, values that no key of the vault opens. They are never touched. */
  readonly unreadable: number
}

export interface RotationOutcome {
  readonly columns: readonly RotationProgress[]
  /** Nothing is left under an older key. False also when the signal ended the run early. */
  readonly isComplete: boolean
  /** Values by the id of the key that they are sealed under, all columns together. */
  readonly valuesByKey: Readonly<Record<string, number>>
  /** Older keys of the configuration that seal nothing any more: they can go, once every process seals under the first one. */
  readonly unusedKeys: readonly string[]
}

export interface RotationOptions {
  /** Rows of one statement; 500 when absent. */
  readonly batch?: number
  /** Called after each batch. */
  readonly onProgress?: (progress: RotationProgress) => void
  /** Ends the run between two batches. A later run goes on from there. */
  readonly signal?: AbortSignal
}

export interface VaultRotation {
  /**
   * Seals anew, under the first key of the configuration, all that is sealed under another one. The gateway may work meanwhile as long
   * as its processes hold both keys. A run that is stopped or killed leaves every value readable, and the next run does the rest.
   */
  rotate(options?: RotationOptions): Promise<RotationOutcome>
  /**
   * How many connections there are of gateway processes that do not hold the first key of the configuration: what is sealed anew they
   * could not open any more.
   */
  countWithoutFirstKey(): Promise<number>
  close(): Promise<void>
}

interface Rotated extends SealedColumn {
  /** The context under which the value of a row is sealed. */
  readonly contextOf: (key: Key) => string
}

type ContextOf = (partnerId: string, number: string) => string

function rotated(table: string, column: string, number: string | null, contextOf: ContextOf): Rotated {
  return {
    ...sealedColumn(table, column, number),
    contextOf: ([partnerId = '', own = '']) => contextOf(partnerId, own),
  }
}

/** Everything that is sealed under the vault's own keys. What is sealed under a data key goes with that key. */
export const ROTATED: readonly Rotated[] = [
  rotated('partner_keys', 'secret_sealed', 'key_id', keyContext),
  rotated('card_tokens', 'data_key_sealed', 'bank_card_token', dataKeyContext),
  rotated('surplus_tokens', 'token_sealed', 'surplus_no', surplusContext),
  rotated('bindings', 'card_sealed', 'reference_no', (partnerId, referenceNo) =>
    bindingCardContext({ partnerId, referenceNo }),
  ),
  rotated(
    'payments',
    'card_sealed',
    'reference_no',
    (partnerId, referenceNo) => `${partnerId}|${referenceNo}|card`,
  ),
  rotated('payment_steps', 'redirect_sealed', 'reference_no', (partnerId, referenceNo) =>
    redirectContext({ partnerId, referenceNo }),
  ),
  {
    ...sealedReplies(SEALED_REPLY_SERVICES, keyIdOf),
    contextOf: ([partnerId = '', , serviceCode = '', externalId = '']) =>
      sealedReplyContext({ partnerId, serviceCode, externalId }),
  },
]

const BATCH = 500
/** What was locked in one pass is met again in the next. */
const MOST_PASSES = 5
const PASS_PAUSE_MS = 200

/** The rotation of the database that the configuration names, for those who operate the gateway. */
export function openVaultRotation(config: Config): VaultRotation {
  const database = openDatabase({ url: config.databaseUrl.reveal(), connections: 1, timeoutMs: 30_000 })
  const vault = openConfiguredVault(config)
  const keyIds = config.cardKeys.map(({ id }) => id)
  return {
    async rotate(options = {}) {
      // A column that only a later version knows would stay sealed under the old key, and nobody would say so.
      await expectKnownTables(database.sql)
      return rotate({ sql: database.sql, vault, keyIds }, options)
    },
    async countWithoutFirstKey() {
      const sessions = await listSessions(database.sql)
      return sessions
        .filter(({ name }) => keysOfProcess(name)?.includes(vault.currentKeyId) === false)
        .reduce((sum, { count }) => sum + count, 0)
    },
    close: () => database.close(),
  }
}

interface RotationDeps {
  readonly sql: Sql
  readonly vault: Vault
  readonly keyIds: readonly string[]
}

async function rotate(deps: RotationDeps, options: RotationOptions): Promise<RotationOutcome> {
  const runs = new Map(ROTATED.map((column) => [column, { done: 0, left: 0, unreadable: 0 }]))
  let counts = new Map<string, number>()
  for (let pass = 0; ; pass++) {
    counts = await survey(deps, runs)
    const isLeft = [...runs.values()].some(({ left, unreadable }) => left > unreadable)
    if (!isLeft || pass === MOST_PASSES || options.signal?.aborted) break
    if (pass > 0) await systemClock.sleep(PASS_PAUSE_MS, options.signal)
    for (const [column, run] of runs) await sweep(deps, column, run, options)
  }
  const columns = [...runs].map(([column, run]) => progressOf(column, run))
  return {
    columns,
    isComplete: columns.every(({ left }) => left === 0),
    valuesByKey: Object.fromEntries(counts),
    unusedKeys: deps.keyIds.filter((id) => id !== deps.vault.currentKeyId && !counts.has(id)),
  }
}

type Run = { -readonly [Name in 'done' | 'left' | 'unreadable']: RotationProgress[Name] }

function progressOf({ table, column }: SealedColumn, { done, left, unreadable }: Run): RotationProgress {
  return { table, column, done, left, unreadable }
}

/** Counts what every key seals, and notes in each run what is left. */
async function survey(
  { sql, vault }: RotationDeps,
  runs: ReadonlyMap<SealedColumn, Run>,
): Promise<Map<string, number>> {
  const all = new Map<string, number>()
  for (const [column, run] of runs) {
    run.left = 0
    for (const [id, count] of await column.count(sql)) {
      all.set(id, (all.get(id) ?? 0) + count)
      if (id !== vault.currentKeyId) run.left += count
    }
  }
  return all
}

/** One pass through a column, a batch at a time, each a statement of its own. */
async function sweep(
  { sql, vault }: RotationDeps,
  column: Rotated,
  run: Run,
  { batch = BATCH, onProgress, signal }: RotationOptions,
): Promise<void> {
  run.unreadable = 0
  let after: Key | undefined = START
  while (after !== undefined && !signal?.aborted && run.left > run.unreadable) {
    const { rows, next } = await column.read(sql, after, batch)
    after = next
    const older = rows.filter(({ sealed }) => sealed !== null && keyIdOf(sealed) !== vault.currentKeyId)
    const changes = older.flatMap((row) => sealAnew(vault, column, row) ?? [])
    run.unreadable += older.length - changes.length
    const written = changes.length > 0 ? await column.write(sql, changes) : 0
    run.done += written
    run.left -= written
    if (rows.length > 0) onProgress?.(progressOf(column, run))
  }
}

/** Undefined for a value that cannot be opened: it is better kept as it is, for somebody who has its key. */
function sealAnew(vault: Vault, column: Rotated, { key, sealed }: SealedRow): Change | undefined {
  if (sealed === null) return undefined
  const context = column.contextOf(key)
  try {
    const text = vault.open(sealed, context)
    const anew = vault.seal(text, context)
    if (vault.open(anew, context) !== text) throw new Error('A value that was sealed anew does not open')
    return { key, old: sealed, new: anew }
  } catch {
    return undefined
  }
}
