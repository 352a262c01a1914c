import type { Worker } from 'node:cluster'
import { AggregatorRegistry } from 'prom-client'

/** A scrape that is answered later than this was given up by whoever asked. */
const PATIENCE_MS = 5_000

interface Question {
  readonly metricsFor: number
}

interface Answer {
  readonly metrics: number
  /** Absent when the figures could not be gathered. */
  readonly text?: string
}

interface Waiting {
  resolve(text: string): void
  reject(error: Error): void
}

/** For a worker: the figures of all processes, which only the leading one can gather. Call it once in a process. */
export function askLeader(): () => Promise<string> {
  // Constructed for its listener: it answers when the leading process gathers the figures of all.
  new AggregatorRegistry()
  const waiting = new Map<number, Waiting>()
  let asked = 0
  process.on('message', ({ metrics, text }: Partial<Answer>) => {
    if (metrics === undefined) return
    if (text === undefined) waiting.get(metrics)?.reject(new Error('The figures of some process are missing'))
    else waiting.get(metrics)?.resolve(text)
  })
  return () => {
    const question: Question = { metricsFor: ++asked }
    const answer = new Promise<string>((resolve, reject) => {
      waiting.set(question.metricsFor, { resolve, reject })
      const patience = setTimeout(() => reject(new Error('The leading process does not answer')), PATIENCE_MS)
      patience.unref()
      process.send?.(question, undefined, undefined, (error) => error && reject(error))
    })
    return answer.finally(() => waiting.delete(question.metricsFor))
  }
}

/** For the leading process: what answers the workers that ask. Call it once. */
export function openGathering(): (worker: Worker, message: Partial<Question>) => void {
  const aggregator = new AggregatorRegistry()
  return (worker, { metricsFor }) => {
    if (metricsFor === undefined) return
    const tell = (answer: Answer) => {
      if (worker.isConnected()) worker.send(answer)
    }
    aggregator.clusterMetrics().then(
      (text) => tell({ metrics: metricsFor, text }),
      () => tell({ metrics: metricsFor }),
    )
  }
}
