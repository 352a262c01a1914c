import { appendFileSync } from 'node:fs'
import { type Connection, openConnection, type Reply } from './connection.ts'
import type { LoadOrder, LoadReport } from './load.ts'
import { openSigner, type Signed } from './merchant.ts'
import { type CpuSample, sampleCpu } from './proc.ts'
import { quantile } from './statistics.ts'

const DRAIN_MS = 30_000
const PAID = /"responseCode":"200(54|04)00"/
/** The customer is to confirm. */
const WAITING = '"responseCode":"2025400"'
const REFERENCE = /"referenceNo":"(\d{32})"/
const PARTNER_REFERENCE = /"partnerReferenceNo":"([^"]+)"/
const CODE = /"responseCode":"(\d{7})"/

/** One connection after another request, for as long as the load lasts, and what came of it. */
class Load {
  readonly #order: LoadOrder
  readonly #sign: () => Signed
  #signed: Signed[] = []
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
    this.#signed = Array.from({ length: order.payments }, this.#sign)
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
    const [payment, confirmation] = this.#next()
    const start = performance.now()
    this.#inFlight++
    const end = (reply: Reply | Error, told = reply) => {
      this.#inFlight--
      if (this.#note(reply, told) && this.#isMeasuring) this.#latencies.push(performance.now() - start)
      if (!(reply instanceof Error)) this.#pump(connection)
    }
    connection.send(payment, (reply) => {
      if (confirmation === undefined || !isWaiting(reply)) end(reply)
      else connection.send(confirmation, (last) => end(last, reply))
    })
  }

  #next(): Signed {
    if (!this.#order.isDistinct) return this.#signed[this.#lateSigned++ % this.#signed.length] ?? this.#sign()
    const signed = this.#signed.pop()
    if (signed !== undefined) return signed
    this.#lateSigned++
    return this.#sign()
  }

  /** Whether it is paid. The reply to the payment itself tells the references. */
  #note(reply: Reply | Error, told: Reply | Error): boolean {
    if (!(reply instanceof Error) && reply.status === 200 && PAID.test(reply.body)) {
      if (this.#order.isDistinct) this.#answered.push(namesOf(told))
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

function isWaiting(reply: Reply | Error): boolean {
  return !(reply instanceof Error) && reply.status === 202 && reply.body.includes(WAITING)
}

function namesOf(reply: Reply | Error): string {
  const body = reply instanceof Error ? '' : reply.body
  return `${REFERENCE.exec(body)?.[1]} ${PARTNER_REFERENCE.exec(body)?.[1]}\n`
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
