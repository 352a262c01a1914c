import { appendFileSync } from 'node:fs'
import { type Connection, openConnection, type Reply } from './connection.ts'
import type { LoadOrder, LoadReport } from './load.ts'
import { openSigner } from './merchant.ts'
import { type CpuSample, sampleCpu } from './proc.ts'
import { quantile } from './statistics.ts'

const DRAIN_MS = 30_000
const SUCCESSFUL = '"responseCode":"2005400"'
const REFERENCES = /"referenceNo":"(\d{32})","partnerReferenceNo":"([^"]+)"/
const CODE = /"responseCode":"(\d{7})"/

/** One connection after another request, for as long as the load lasts, and what came of it. */
class Load {
  readonly #order: LoadOrder
  readonly #sign: () => Buffer
  #signed: Buffer[] = []
  readonly #answered: string[] = []
  readonly #refusals: Record<string, number> = {}
  #latencies: number[] = []
  #lateSigned = 0
  #isMeasuring = false
  #isOver = false
  #inFlight = 0

  constructor(order: LoadOrder) {
    this.#order = order
    this.#sign = openSigner({ ...order, host: new URL(order.url).host })
    this.#signed = Array.from({ length: order.requests }, this.#sign)
  }

  async run(): Promise<LoadReport> {
    const { warmUpMs, measuredMs, connections, url, roots } = this.#order
    const open = await Promise.all(Array.from({ length: connections }, () => openConnection(new URL(url))))
    for (const connection of open) this.#pump(connection)
    await pause(warmUpMs)
    const before = sampleCpu(roots)
    this.#isMeasuring = true
    await pause(measuredMs)
    this.#isMeasuring = false
    const after = sampleCpu(roots)
    this.#isOver = true
    const drainUntil = performance.now() + DRAIN_MS
    while (this.#inFlight > 0 && performance.now() < drainUntil) await pause(5)
    for (const connection of open) connection.close()
    if (this.#order.answersFile !== undefined)
      appendFileSync(this.#order.answersFile, this.#answered.join(''))
    return this.#report(before, after)
  }

  #pump(connection: Connection): void {
    if (this.#isOver) return
    const request = this.#next()
    const start = performance.now()
    this.#inFlight++
    connection.send(request, (reply) => {
      this.#inFlight--
      if (this.#note(reply) && this.#isMeasuring) this.#latencies.push(performance.now() - start)
      if (!(reply instanceof Error)) this.#pump(connection)
    })
  }

  #next(): Buffer {
    if (!this.#order.isDistinct) return this.#signed[this.#lateSigned++ % this.#signed.length] ?? this.#sign()
    const request = this.#signed.pop()
    if (request !== undefined) return request
    this.#lateSigned++
    return this.#sign()
  }

  #note(reply: Reply | Error): boolean {
    if (!(reply instanceof Error) && reply.status === 200 && reply.body.includes(SUCCESSFUL)) {
      const [, referenceNo, partnerReferenceNo] = REFERENCES.exec(reply.body) ?? []
      if (this.#order.isDistinct) this.#answered.push(`${referenceNo} ${partnerReferenceNo}\n`)
      return true
    }
    const code = reply instanceof Error ? reply.message : (CODE.exec(reply.body)?.[1] ?? String(reply.status))
    this.#refusals[code] = (this.#refusals[code] ?? 0) + 1
    return false
  }

  #report(before: CpuSample, after: CpuSample): LoadReport {
    const latencies = Float64Array.from(this.#latencies).sort()
    const cpuMs = Object.fromEntries(
      Object.entries(after.parts).map(([name, ms]) => [name, ms - (before.parts[name] ?? 0)]),
    )
    return {
      measuredMs: after.at - before.at,
      answered: latencies.length,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      cpuMs,
      machineMs: after.machineMs - before.machineMs,
      refusals: this.#refusals,
      lateSigned: this.#order.isDistinct ? this.#lateSigned : 0,
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

process.on('message', (order: LoadOrder) => {
  new Load(order).run().then(
    (report) => process.send?.(report),
    (error: Error) => {
      process.stderr.write(`${error.stack}\n`)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit())
process.once('SIGTERM', () => process.exit())
process.send?.({ ready: true })
