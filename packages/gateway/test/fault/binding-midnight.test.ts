import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { wibDate } from '@gerbang/snap'
import type { Clock } from '../../src/clock.ts'
import { codeOf, newCard } from '../card-customer.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses } from './binding-alike.ts'
import { Fate, JumpingClock } from './process-alike.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const nobodyDies = new Fate(Number.POSITIVE_INFINITY)
const city = new JumpingClock()
/** What the process reads off its clock before it reads the city's. */
const early: number[] = []
const clock: Clock = { now: () => early.shift() ?? city.now(), sleep: city.sleep }
let stage: Stage
let processes: BindingProcesses
before(async () => {
  stage = await openStage({
    env: { GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: city.now },
  })
  processes = openBindingProcesses(stage, clock)
})
after(async () => {
  await processes.close()
  await stage.close()
})

test('the reply to a code that came in as the day ended in Jakarta is stored under the day of its request', async () => {
  const midnight = Date.parse(`${wibDate(Date.now() + DAY_MS)}T00:00:00+07:00`)
  city.jump(midnight - MINUTE_MS - city.now())
  await processes.bind(nobodyDies, { cardNumber: await newCard(stage) })
  const [binding] = await stage.query<{ reference_no: string }>('select reference_no from bindings')
  const referenceNo = String(binding?.reference_no)
  const code = await codeOf(stage, referenceNo)
  city.jump(midnight + 1_000 - city.now())
  early.push(midnight - 1)
  const answer = await processes.verify(nobodyDies, referenceNo, code)
  assert.equal(answer.outcome, 'successful')
  const requests = await stage.query<{ day: string; is_answered: boolean }>(
    `select request_date::text as day, reply is not null as is_answered from request_ids where service_code = '04'`,
  )
  assert.deepEqual(requests, [{ day: wibDate(midnight - 1), is_answered: true }])
})
