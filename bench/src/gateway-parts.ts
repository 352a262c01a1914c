export type Parameter = string | Buffer | null

export interface Statement {
  readonly name: string
  readonly text: string
}

export interface Lane {
  call(
    statement: Statement,
    values: readonly Parameter[],
    limits: { shared: readonly string[]; key: string; timeoutMs: number },
  ): Promise<readonly (string | null)[] | undefined>
  close(): Promise<void>
}

interface LaneOptions {
  readonly url: string
  readonly statements: readonly Statement[]
  readonly batchSize: number
  readonly queueSize: number
  readonly stuckMs: number
}

type Recording = Pick<Lane, 'call'>

/** What the benchmark takes from inside the gateway: nobody else should, so the package does not export it. */
interface Parts {
  readonly Lane: new (options: LaneOptions) => Lane
  readonly LANE_SETTINGS: string
  readonly claim: (
    lane: Recording,
    order: object,
    limits: { dueAt: number; timeoutMs: number },
  ) => Promise<unknown>
  readonly settle: (lane: Recording, settlement: object, timeoutMs: number) => Promise<unknown>
  readonly judge: (answer: object) => object
  readonly replyOf: (payment: object, outcome: string) => object
  readonly eventOf: (payment: object, verdict: object, now: number) => object
}

async function part<Name extends keyof Parts>(file: string, name: Name): Promise<Parts[Name]> {
  const loaded = (await import(new URL(file, import.meta.resolve('@gerbang/gateway')).href)) as Parts
  if (loaded[name] === undefined) throw new Error(`the gateway's ${file} has no ${name}`)
  return loaded[name]
}

export const Lane = await part('database/lane.js', 'Lane')
export const LANE_SETTINGS = await part('database/lane.js', 'LANE_SETTINGS')
export const claim = await part('payment/store.js', 'claim')
export const settle = await part('payment/store.js', 'settle')
export const judge = await part('payment/verdict.js', 'judge')
export const replyOf = await part('payment/verdict.js', 'replyOf')
export const eventOf = await part('payment/events.js', 'eventOf')
