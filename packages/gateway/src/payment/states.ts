/**
 * Where a payment stands, what may follow, and what a status reply calls it (`latestTransactionStatus`).
 *
 * `waiting`: the network answered and the cardholder has yet to confirm; nothing is reversed.
 * `unresolved`: the network did not answer; it is asked again until it gives a clear word.
 */
export const STATES = {
  submitted: {
    status: '03',
    word: 'Pending',
    next: ['paid', 'declined', 'waiting', 'unresolved', 'reversed'],
  },
  waiting: { status: '02', word: 'Paying', next: ['paid', 'declined', 'reversed'] },
  unresolved: { status: '03', word: 'Pending', next: ['paid', 'declined', 'waiting', 'reversed'] },
  paid: { status: '00', word: 'Success', next: [] },
  declined: { status: '06', word: 'Failed', next: [] },
  reversed: { status: '05', word: 'Canceled', next: [] },
} as const satisfies Record<string, { status: string; word: string; next: readonly string[] }>

export type PaymentState = keyof typeof STATES
export type SettledState = Exclude<PaymentState, 'submitted'>

const NAMES = Object.keys(STATES) as readonly PaymentState[]

const PREDECESSORS = new Map(
  NAMES.map((state) => [
    state,
    NAMES.filter((from) => (STATES[from].next as readonly string[]).includes(state)),
  ]),
)

/** The states from which `state` may be reached. The database is given this list, so the guard has one source. */
export function predecessorsOf(state: PaymentState): readonly PaymentState[] {
  return PREDECESSORS.get(state) ?? []
}

/** The same for a payment whose customer was asked for a code: only the silence about a code makes one that waited unresolved. */
export function predecessorsOfTried(state: PaymentState): readonly PaymentState[] {
  return state === 'unresolved' ? [...predecessorsOf(state), 'waiting'] : predecessorsOf(state)
}

export function isFinal(state: PaymentState): boolean {
  return STATES[state].next.length === 0
}

export const FINAL_STATES = NAMES.filter(isFinal)
