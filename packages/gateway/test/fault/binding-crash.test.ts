import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { codeOf, newCard } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses } from './binding-alike.ts'
import { assertBindingsAgree } from './binding-books.ts'
import { control } from './books.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
const LONG_AGO = '3600000'
let stage: Stage
let processes: BindingProcesses
before(async () => {
  // The stage's own loop rests: this file's processes are the only ones that work, and die.
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: LONG_AGO }, simulator: { clock: clock.now } })
  processes = openBindingProcesses(stage, clock)
})
after(async () => {
  await processes.close()
  await stage.close()
})

interface Behaviour {
  readonly fault?: string
  readonly operation?: 'binding' | 'verification'
  /** A code of the simulator's; the one that was sent unless given. */
  readonly code?: string
  /** How the binding may stand in the end, the first one among them when nobody dies. */
  readonly ends: readonly string[]
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'sends a code and keeps the card': { ends: ['active', 'expired', 'failed'] },
  'refuses the card at the code': { code: '222005', ends: ['failed', 'expired'] },
  'finds the code wrong': { code: '222003', ends: ['expired', 'failed'] },
  'blocks the code': { code: '222002', ends: ['blocked', 'expired', 'failed'] },
  'never hears of the binding': { fault: 'drop-before', operation: 'binding', ends: ['failed'] },
  'sends the code and is not heard': {
    fault: 'drop-after',
    operation: 'binding',
    ends: ['expired', 'failed'],
  },
  'never hears of the code': { fault: 'drop-before', operation: 'verification', ends: ['expired', 'failed'] },
  'keeps the card and is not heard': {
    fault: 'drop-after',
    operation: 'verification',
    ends: ['active', 'expired', 'failed'],
  },
  'answers about the code with garbage': {
    fault: 'garbage',
    operation: 'verification',
    ends: ['active', 'expired', 'failed'],
  },
}

/** More boundaries than any life has. */
const MOST = 60
const EVERYBODY_LIVES = new Fate(Number.POSITIVE_INFINITY)

/** A process that binds, verifies and looks after both until it dies at the n-th boundary. Returns where, if it died. */
async function live(n: number, { fault, operation, code }: Behaviour): Promise<string | undefined> {
  const fate = new Fate(n)
  const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
  if (fault !== undefined) await control(stage, 'next', { fault, match: { operation } })
  await processes.bind(fate, { cardNumber: await newCard(stage) }).catch(quietly)
  const [row] = await stage.query<{ reference_no: string; state: string }>(
    'select reference_no, state::text from bindings order by created_at desc limit 1',
  )
  if (fate.where === undefined && row?.state === 'otp_sent') {
    const typed = code ?? (await codeOf(stage, row.reference_no))
    await processes.verify(fate, row.reference_no, typed).catch(quietly)
  }
  for (let pass = 0; pass < 2 && fate.where === undefined; pass++) {
    clock.jump(13_000)
    await processes.reconcile(fate).catch(quietly)
  }
  await fetch(`${stage.simulator.url}/_sim/next`, { method: 'DELETE' })
  return fate.where
}

/** Another process looks after what is left until nothing is open. */
async function recover(): Promise<void> {
  for (let pass = 0; pass < 30; pass++) {
    clock.jump(61_000)
    await processes.reconcile(EVERYBODY_LIVES)
    const open = await stage.query('select 1 from bindings where settled_at is null')
    if (open.length === 0) return
  }
  assert.fail('the loop leaves bindings open')
}

async function stateOfLast(): Promise<string | undefined> {
  const [row] = await stage.query<{ state: string }>(
    'select state::text from bindings order by created_at desc limit 1',
  )
  return row?.state
}

for (const [name, behaviour] of Object.entries(BEHAVIOURS))
  test(`whatever line it dies on, gateway and network agree in the end when the network ${name}`, async () => {
    const places: string[] = []
    const ends: (string | undefined)[] = []
    for (let n = 0; n < MOST; n++) {
      const where = await live(n, behaviour)
      await recover()
      await assertBindingsAgree(stage, processes)
      if (n >= 2) ends.push(await stateOfLast())
      if (where === undefined) break
      places.push(where)
    }
    assert.ok(places.length >= 6 && places.length < MOST, places.join(', '))
    for (const place of ['before bind', 'after bind', 'before taking'])
      assert.ok(places.includes(place), `${place} is among ${places.join(', ')}`)
    for (const end of ends) assert.ok(behaviour.ends.includes(String(end)), `${end} in ${ends.join(', ')}`)
    assert.equal(ends.at(-1), behaviour.ends[0])
  })

test('a request that died with its process is answered when it comes again', async () => {
  const replies = await stage.query("select 1 from request_ids where service_code = '01' and reply is null")
  assert.deepEqual(replies, [])
})
