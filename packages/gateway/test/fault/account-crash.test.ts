import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { cimb } from '../../src/channels/cimb/index.ts'
import { newPhone, PIN } from '../account-customer.ts'
import { codeOf } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses } from './binding-alike.ts'
import { assertBindingsAgree } from './binding-books.ts'
import { control } from './books.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
let stage: Stage
let processes: BindingProcesses
before(async () => {
  stage = await openStage({ env: { GERBANG_RECONCILE_EVERY_MS: '3600000' }, simulator: { clock: clock.now } })
  const url = `${stage.simulator.url}/bank/v1/cimb`
  const channel = cimb.open({ url, key: stage.config.networkKey, connections: 8 })
  processes = openBindingProcesses(stage, clock, channel)
})
after(async () => {
  await processes.close()
  await stage.close()
})

interface Behaviour {
  readonly fault?: string
  readonly pin?: string
  /** How the binding may stand in the end, the first one among them when nobody dies. */
  readonly ends: readonly string[]
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'keeps the account': { ends: ['active', 'expired', 'failed'] },
  'finds the PIN wrong': { pin: '654321', ends: ['expired', 'failed'] },
  'never hears of the PIN': { fault: 'drop-before', ends: ['expired', 'failed'] },
  'keeps the account and is not heard': { fault: 'drop-after', ends: ['active', 'expired', 'failed'] },
  'answers about the PIN with garbage': { fault: 'garbage', ends: ['active', 'expired', 'failed'] },
}

const MOST = 60
const EVERYBODY_LIVES = new Fate(Number.POSITIVE_INFINITY)

async function lastBinding() {
  const [row] = await stage.query<{ reference_no: string; state: string }>(
    'select reference_no, state::text from bindings order by created_at desc limit 1',
  )
  return row
}

/** A process that binds, takes code and PIN and looks after them until it dies at the n-th boundary. */
async function live(n: number, { fault, pin = PIN }: Behaviour): Promise<string | undefined> {
  const fate = new Fate(n)
  const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
  await processes.bindAccount(fate, { phoneNo: newPhone() }).catch(quietly)
  const asked = await lastBinding()
  if (fate.where === undefined && asked?.state === 'otp_sent') {
    const code = await codeOf(stage, asked.reference_no)
    await processes.type(fate, asked.reference_no, { step: 'otp', code }).catch(quietly)
  }
  if (fate.where === undefined && (await lastBinding())?.state === 'pin_wanted') {
    if (fault !== undefined) await control(stage, 'next', { fault, match: { operation: 'verification' } })
    await processes.type(fate, String(asked?.reference_no), { step: 'pin', code: pin }).catch(quietly)
  }
  for (let pass = 0; pass < 2 && fate.where === undefined; pass++) {
    clock.jump(13_000)
    await processes.reconcile(fate).catch(quietly)
  }
  await fetch(`${stage.simulator.url}/_sim/next`, { method: 'DELETE' })
  return fate.where
}

async function recover(): Promise<void> {
  for (let pass = 0; pass < 30; pass++) {
    clock.jump(61_000)
    await processes.reconcile(EVERYBODY_LIVES)
    const open = await stage.query('select 1 from bindings where settled_at is null')
    if (open.length === 0) return
  }
  assert.fail('the loop leaves bindings open')
}

for (const [name, behaviour] of Object.entries(BEHAVIOURS))
  test(`whatever line it dies on, gateway and bank agree in the end when the bank ${name}`, async () => {
    const places: string[] = []
    const ends: (string | undefined)[] = []
    for (let n = 0; n < MOST; n++) {
      const where = await live(n, behaviour)
      await recover()
      await assertBindingsAgree(stage, processes)
      if (n >= 2) ends.push((await lastBinding())?.state)
      if (where === undefined) break
      places.push(where)
    }
    assert.ok(places.length >= 8 && places.length < MOST, places.join(', '))
    for (const end of ends) assert.ok(behaviour.ends.includes(String(end)), `${end} in ${ends.join(', ')}`)
    assert.equal(ends.at(-1), behaviour.ends[0])
  })
