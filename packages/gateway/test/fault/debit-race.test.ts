import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import fc from 'fast-check'
import { aDebit, type KeptAccount, keepAccount, MANDIRI, OTP, WRONG_OTP } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { assertOneTruth, type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Fate, JumpingClock } from './process-alike.ts'

const clock = new JumpingClock()
let stage: Stage
let processes: DebitProcesses
let account: KeptAccount
before(async () => {
  stage = await openStage({
    env: { GERBANG_CHANNELS: 'kki', GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: clock.now },
  })
  processes = openDebitProcesses(stage, 'mandiri', clock)
  account = await keepAccount(stage, 'mandiri')
})
after(async () => {
  await processes.close()
  await stage.close()
})

const alive = () => new Fate(Number.POSITIVE_INFINITY)
type Body = Parameters<DebitProcesses['pay']>[1]['body']

async function aWaitingOne(): Promise<string> {
  const { referenceNo } = await processes.pay(alive(), {
    externalId: newId(),
    body: aDebit(MANDIRI) as Body,
    account,
  })
  await processes.resend(alive(), { referenceNo, externalId: newId() })
  return referenceNo
}

type Deed = 'right' | 'wrong' | 'cancel' | 'resend' | 'reconcile' | 'expire'

async function perform(deed: Deed, referenceNo: string): Promise<string> {
  const asked = { referenceNo, externalId: newId() }
  const told = async (work: Promise<{ reply: { text: string } }>) =>
    work.then(
      ({ reply }) => reply.text.slice(17, 24),
      (error: unknown) => (error instanceof SnapError ? error.outcome : Promise.reject(error)),
    )
  switch (deed) {
    case 'right':
      return told(processes.verify(alive(), asked, OTP))
    case 'wrong':
      return told(processes.verify(alive(), asked, WRONG_OTP))
    case 'cancel':
      return told(processes.cancel(alive(), asked))
    case 'resend':
      return told(processes.resend(alive(), asked))
    case 'reconcile':
      return processes.reconcile(alive()).then(() => 'reconciled')
    case 'expire':
      clock.jump(1_000_000)
      return 'expired'
  }
}

async function settleAll(): Promise<void> {
  for (let pass = 0; pass < 30; pass++) {
    clock.jump(120_000)
    await processes.reconcile(alive())
    const open = await stage.query(
      `select 1 from payments where settled_at is null
       union all select 1 from cancellations where settled_at is null`,
    )
    if (open.length === 0) return
  }
  assert.fail('something stays open')
}

const deeds = fc.array(
  fc.constantFrom<Deed>('right', 'right', 'wrong', 'cancel', 'resend', 'reconcile', 'expire'),
  {
    minLength: 2,
    maxLength: 6,
  },
)

test('codes, calling off, expiry and the reconciler at the same moment come out as one truth', async () => {
  const seen = new Set<string>()
  await fc.assert(
    fc.asyncProperty(deeds, async (at) => {
      const referenceNo = await aWaitingOne()
      const told = await Promise.all(at.map((deed) => perform(deed, referenceNo)))
      await settleAll()
      const standing = await assertOneTruth(stage, processes, referenceNo)
      seen.add(standing)
      if (told.includes('2000400')) assert.match(standing, /^paid/)
      if (told.includes('2005700')) assert.match(standing, /called off|reversed/)
      if (standing === 'paid') assert.ok(!told.includes('2005700'))
    }),
    { numRuns: 40 },
  )
  for (const standing of ['paid', 'reversed', 'declined']) assert.ok(seen.has(standing), [...seen].join())
})

/** §7.2: what may follow what, with the calling off of a paid payment as a state of its own. */
const NEXT: Readonly<Record<string, readonly string[]>> = {
  waiting: ['waiting', 'paid', 'declined', 'reversed', 'unresolved'],
  unresolved: ['unresolved', 'waiting', 'paid', 'declined', 'reversed'],
  paid: ['paid', 'paid and called off'],
  'paid and called off': ['paid and called off'],
  declined: ['declined'],
  reversed: ['reversed'],
}

async function standingOf(referenceNo: string): Promise<string> {
  const [row] = await stage.query<{ state: string; off: boolean }>(
    `select state, exists (select from cancellations c where c.reference_no = p.reference_no and c.state = 'cancelled') off
       from payments p where reference_no = $1`,
    [referenceNo],
  )
  return row?.state === 'paid' && row.off ? 'paid and called off' : (row?.state ?? 'none')
}

test('whatever is done in whatever order, a payment goes the way of the state machine', async () => {
  await fc.assert(
    fc.asyncProperty(deeds, async (steps) => {
      const referenceNo = await aWaitingOne()
      let standing = await standingOf(referenceNo)
      assert.equal(standing, 'waiting')
      for (const step of steps) {
        const told = await perform(step, referenceNo)
        const next = await standingOf(referenceNo)
        assert.ok(NEXT[standing]?.includes(next), `${step}: ${standing} became ${next}`)
        if (told === '2000400') assert.equal(next, 'paid')
        if (told === '2005700') assert.match(next, /called off|reversed/)
        standing = next
      }
      await settleAll()
      await assertOneTruth(stage, processes, referenceNo)
    }),
    { numRuns: 30 },
  )
})
