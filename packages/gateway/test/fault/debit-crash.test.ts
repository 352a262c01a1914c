import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import { aDebit, type KeptAccount, keepAccount, MANDIRI, OTP, WRONG_OTP } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { type Asked, assertOneTruth, type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Died, Fate, JumpingClock } from './process-alike.ts'

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
const PASSES = 3

/** A request, and what a process that lives long enough makes of it. */
interface Life {
  /** What is done before, by somebody who does not die. */
  readonly first: (asked: Asked) => Promise<unknown>
  readonly deed: (fate: Fate, asked: Asked) => Promise<{ readonly reply: { readonly text: string } }>
  /** How the payment may stand in the end. */
  readonly ends: readonly string[]
  readonly paymentType?: 'RECURRING'
  /** The customer types it again as soon as nothing has come of it. */
  readonly again?: (asked: Asked) => Promise<unknown>
}

const sendCode = async (asked: Asked) => {
  clock.jump(61_000)
  return processes.resend(alive(), { ...asked, externalId: newId() })
}

const LIVES: Readonly<Record<string, Life>> = {
  'a right code': {
    first: sendCode,
    deed: (fate, asked) => processes.verify(fate, asked, OTP),
    ends: ['paid', 'declined'],
  },
  'a right code that is typed again': {
    first: sendCode,
    deed: (fate, asked) => processes.verify(fate, asked, OTP),
    again: (asked) => processes.verify(alive(), { ...asked, externalId: newId() }, OTP),
    ends: ['paid'],
  },
  'a wrong code': {
    first: sendCode,
    deed: (fate, asked) => processes.verify(fate, asked, WRONG_OTP),
    ends: ['declined'],
  },
  'another code': {
    first: async () => {},
    deed: (fate, asked) => processes.resend(fate, asked),
    ends: ['declined'],
  },
  'calling off what waits': {
    first: async () => {},
    deed: (fate, asked) => processes.cancel(fate, asked),
    ends: ['reversed', 'declined'],
  },
  'calling off what is paid': {
    first: async () => {},
    deed: (fate, asked) => processes.cancel(fate, asked),
    ends: ['paid and called off', 'paid'],
    paymentType: 'RECURRING',
  },
}

async function paid(life: Life): Promise<Asked> {
  const body = aDebit(MANDIRI, {}, life.paymentType ? { paymentType: life.paymentType } : {})
  const { referenceNo } = await processes.pay(alive(), {
    externalId: newId(),
    body: body as Parameters<DebitProcesses['pay']>[1]['body'],
    account,
  })
  const asked = { referenceNo, externalId: newId() }
  await life.first(asked)
  return asked
}

function refused(error: unknown): void {
  assert.ok(error instanceof SnapError, String(error))
}

/** Everybody else goes on until nothing is open. */
async function recover(): Promise<void> {
  for (let pass = 0; pass < 30; pass++) {
    clock.jump(pass < 10 ? 5_000 : 120_000)
    await processes.reconcile(alive())
    const open = await stage.query(
      `select 1 from payments where settled_at is null
       union all select 1 from cancellations where settled_at is null`,
    )
    if (open.length === 0) return
  }
  assert.fail('something stays open')
}

for (const [name, life] of Object.entries(LIVES))
  test(`wherever a process dies with ${name}, it comes out as one truth`, async () => {
    let n = 0
    const ends = new Set<string>()
    for (; n < 40; n++) {
      const asked = await paid(life)
      const fate = new Fate(n)
      const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
      const answer = await life.deed(fate, asked).catch(quietly)
      if (fate.where !== undefined) await life.again?.(asked).catch(refused)
      for (let pass = 0; pass < PASSES && fate.where === undefined; pass++) {
        clock.jump(4_000)
        await processes.reconcile(fate).catch(quietly)
      }
      await recover()
      const standing = await assertOneTruth(stage, processes, asked.referenceNo)
      assert.ok(life.ends.includes(standing), `${fate.where}: ${standing}`)
      ends.add(standing)
      if (name === 'a right code') await agreesWithRequest(asked, standing, fate.where)
      if (fate.where === undefined) {
        assert.ok(answer)
        break
      }
    }
    assert.ok(n > 5 && n < 40, `${n} boundaries`)
    assert.ok(ends.has(life.ends[0] ?? ''), [...ends].join())
  })

/** Whoever asks the same again is told how it stands, and never that money moved which did not. */
async function agreesWithRequest(asked: Asked, standing: string, where: string | undefined): Promise<void> {
  const told = await processes.verify(alive(), asked, OTP).then(
    ({ reply }) => reply.text.slice(17, 24),
    (error: unknown) => (error instanceof SnapError ? error.outcome : String(error)),
  )
  if (standing === 'paid')
    assert.match(told, /^2000400$|^2020400$|^transactionAlreadySuccess$|^conflict$/, where)
  else assert.doesNotMatch(told, /^200/, where)
}

for (const [paymentType, ends] of [
  ['SALE', ['declined', 'reversed']],
  ['RECURRING', ['paid', 'reversed']],
] as const)
  test(`wherever a process dies while it asks for a ${paymentType} payment, it comes out as one truth`, async () => {
    let n = 0
    const seen = new Set<string>()
    for (; n < 40; n++) {
      const body = aDebit(MANDIRI, {}, { paymentType }) as Parameters<DebitProcesses['pay']>[1]['body']
      const fate = new Fate(n)
      const quietly = (error: unknown) => assert.ok(error instanceof Died, String(error))
      await processes.pay(fate, { externalId: newId(), body, account }).catch(quietly)
      await recover()
      const [row] = await stage.query<{ no: string }>(
        'select reference_no no from payments where partner_reference_no = $1',
        [body.partnerReferenceNo],
      )
      const standing = row === undefined ? 'none' : await assertOneTruth(stage, processes, row.no)
      assert.ok(['none', ...ends].includes(standing), `${fate.where}: ${standing}`)
      seen.add(standing)
      if (fate.where === undefined) break
    }
    assert.ok(n > 3 && n < 40, `${n} boundaries`)
    assert.ok(seen.has('none') && seen.has(ends[0]), [...seen].join())
  })
