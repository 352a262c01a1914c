import { AggregatorRegistry, Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'

export interface Metrics {
  readonly registry: Registry
  observeRequest(labels: { operation: string; responseCode: string }, seconds: number): void
  countPayment(state: string): void
  countRefund(state: string): void
  observeBatch(calls: number): void
  countFault(where: string): void
  observeNetwork(answer: string, seconds: number): void
  /** To be alerted on: a card that its customer wanted forgotten is still kept. */
  countFailedUnbinding(): void
  /** To be alerted on: the network keeps a token that no kept card is paid with. */
  countSurplusToken(): void
  /** To be alerted on: nobody knows whether a payment is called off. */
  countOverdueCancellation(): void
  /** A request that was refused because its partner asks too often. */
  countRateLimited(kind: string): void
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25]

/** What is counted: name without `gerbang_`, help, labels. */
const COUNTERS = {
  payments: ['payments_total', 'Payments by the state that was booked', ['state']],
  refunds: ['refunds_total', 'Refunds by the state that was booked', ['state']],
  faults: ['faults_total', 'Faults by the place where they were met', ['where']],
  rateLimited: ['rate_limited_total', 'Requests refused because their partner asks too often', ['kind']],
  failedUnbindings: [
    'unbindings_failed_total',
    'Unbindings that the network refused, or did not answer until they were given up',
    [],
  ],
  surplusTokens: [
    'surplus_tokens_kept_total',
    'Network tokens that no kept card is paid with, and that the network refused to forget or says nothing clear about',
    [],
  ],
  overdueCancellations: [
    'cancellations_overdue_total',
    'Cancellations about which the network has said nothing clear for long; they hold their amount',
    [],
  ],
} as const satisfies Record<string, readonly [name: string, help: string, labels: readonly string[]]>

function openCounter(registry: Registry, which: keyof typeof COUNTERS): Counter {
  const [name, help, labelNames] = COUNTERS[which]
  return new Counter({ name: `gerbang_${name}`, help, labelNames: [...labelNames], registers: [registry] })
}

/** The gateway's own figures, of this process. `clusterMetrics` adds those of all processes up. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'gerbang_request_seconds',
    help: 'Requests by operation and response code',
    labelNames: ['operation', 'response_code'],
    buckets: SECONDS,
    registers,
  })
  const batches = new Histogram({
    name: 'gerbang_commit_calls',
    help: 'Claims and settlements in one commit',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers,
  })
  const network = new Histogram({
    name: 'gerbang_network_seconds',
    help: 'Answers of the network by kind',
    labelNames: ['answer'],
    buckets: SECONDS,
    registers,
  })
  const counters = {
    payments: openCounter(registry, 'payments'),
    refunds: openCounter(registry, 'refunds'),
    faults: openCounter(registry, 'faults'),
    failedUnbindings: openCounter(registry, 'failedUnbindings'),
    rateLimited: openCounter(registry, 'rateLimited'),
    surplusTokens: openCounter(registry, 'surplusTokens'),
    overdueCancellations: openCounter(registry, 'overdueCancellations'),
  }
  AggregatorRegistry.setRegistries([registry])
  const requestsOf = remember((operation, responseCode) => requests.labels(operation, responseCode))
  const paymentsOf = remember((state) => counters.payments.labels(state))
  const networkOf = remember((answer) => network.labels(answer))
  return {
    registry,
    observeRequest: ({ operation, responseCode }, seconds) =>
      requestsOf(operation, responseCode).observe(seconds),
    countPayment: (state) => paymentsOf(state).inc(),
    countRefund: (state) => counters.refunds.labels(state).inc(),
    observeBatch: (calls) => batches.observe(calls),
    countFault: (where) => counters.faults.labels(where).inc(),
    observeNetwork: (answer, seconds) => networkOf(answer).observe(seconds),
    countFailedUnbinding: () => counters.failedUnbindings.inc(),
    countSurplusToken: () => counters.surplusTokens.inc(),
    countOverdueCancellation: () => counters.overdueCancellations.inc(),
    countRateLimited: (kind) => counters.rateLimited.labels(kind).inc(),
  }
}

/** Finding a labelled series costs more than counting in it. The labels are few: operations, codes, states. */
function remember<Labels extends string[], Series>(
  find: (...labels: Labels) => Series,
): (...labels: Labels) => Series {
  const known = new Map<string, Series>()
  return (...labels) => {
    const key = labels.join(' ')
    const series = known.get(key) ?? find(...labels)
    known.set(key, series)
    return series
  }
}
