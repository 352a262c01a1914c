import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SnapError } from '@gerbang/snap'
import { codeOf, messagesOf, newCard } from '../card-customer.ts'
import { aDebit, type KeptAccount, keepAccount, MANDIRI, OTP } from '../kept-accounts.ts'
import { newId } from '../merchant.ts'
import { openStage, type Stage } from '../stage.ts'
import { type BindingProcesses, openBindingProcesses } from './binding-alike.ts'
import { type DebitProcesses, openDebitProcesses } from './debit-alike.ts'
import { Died, Fate, Held, JumpingClock } from './process-alike.ts'

const DAY_MS = 86_400_000
const JAKARTA_MS = 7 * 3_600_000
const clock = new JumpingClock()
let stage: Stage
let bindings: BindingProcesses
let debits: DebitProcesses
let account: KeptAccount
before(async () => {
  // The stage's own loops rest: this file's processes are the only ones that work, and die.
  stage = await openStage({
    env: { GERBANG_CHANNELS: 'kki', GERBANG_RECONCILE_EVERY_MS: '3600000' },
    simulator: { clock: clock.now },
  })
  bindings = openBindingProcesses(stage, clock)
  debits = openDebitProcesses(stage, 'mandiri', clock)
  account = await keepAccount(stage, 'mandiri')
  // An external id belongs to its day: none ends while these tests last.
  const leftOfDay = DAY_MS - ((clock.now() + JAKARTA_MS) % DAY_MS)
  if (leftOfDay < DAY_MS / 8) clock.jump(leftOfDay)
})
after(async () => {
  await bindings.close()
  await debits.close()
  await stage.close()
})

const alive = () => new Fate(Number.POSITIVE_INFINITY)

/** What has a code out, and what is done with it. */
interface Subject {
  readonly open: () => Promise<string>
  readonly resend: (
    fate: Fate,
    referenceNo: string,
    externalId: string,
  ) => Promise<{ reply: { text: string } }>
  readonly lookAfter: () => Promise<void>
  /** Ends it with the code that counts. */
  readonly end: (referenceNo: string) => Promise<unknown>
  /** What is told of a code that was asked for when it has ended like this. */
  readonly ended: string
}

const SUBJECTS: Readonly<Record<'binding' | 'payment', Subject>> = {
  binding: {
    async open() {
      const { reply } = await bindings.bind(alive(), { cardNumber: await newCard(stage) })
      return JSON.parse(reply.text).referenceNo
    },
    resend: (fate, referenceNo, externalId) => bindings.resend(fate, referenceNo, externalId),
    lookAfter: () => bindings.reconcile(alive()),
    end: async (referenceNo) => bindings.verify(alive(), referenceNo, await codeOf(stage, referenceNo)),
    ended: '4008103',
  },
  payment: {
    async open() {
      const body = aDebit(MANDIRI) as Parameters<DebitProcesses['pay']>[1]['body']
      const { referenceNo } = await debits.pay(alive(), { externalId: newId(), body, account })
      await debits.resend(alive(), { referenceNo, externalId: newId() })
      return referenceNo
    },
    resend: (fate, referenceNo, externalId) => debits.resend(fate, { referenceNo, externalId }),
    lookAfter: () => debits.reconcile(alive()),
    end: (referenceNo) => debits.verify(alive(), { referenceNo, externalId: newId() }, OTP),
    ended: '4008103',
  },
}

/** The code of the answer, or the refusal's name. */
async function told(work: Promise<{ reply: { text: string } }>): Promise<string> {
  return work.then(
    ({ reply }) => reply.text.slice(17, 24),
    (error: unknown) => {
      if (error instanceof SnapError) return error.outcome
      throw error
    },
  )
}

/** A code is out, and another is asked for by a process that dies at the n-th boundary. Returns where, and how to ask again. */
async function dying({ open, resend }: Subject, n: number) {
  const referenceNo = await open()
  clock.jump(61_000)
  const externalId = newId()
  const fate = new Fate(n)
  await resend(fate, referenceNo, externalId).catch((error: unknown) => assert.ok(error instanceof Died))
  return { referenceNo, where: fate.where, again: () => resend(alive(), referenceNo, externalId) }
}

const LEASE_MS = 12_000

for (const [name, subject] of Object.entries(SUBJECTS)) {
  test(`wherever a process dies that asks for another code of a ${name}, the same request is told the truth and asks for none`, async () => {
    const seen = new Set<string>()
    for (let n = 1; n < 20; n++) {
      const { referenceNo, where, again } = await dying(subject, n)
      if (where === undefined) break
      const sent = (await messagesOf(stage, referenceNo)).length
      const isSettled = n >= 5
      if (!isSettled) assert.equal(await told(again()), 'conflict', `${where}: it may still be at work`)
      clock.jump(LEASE_MS + 1)
      if (!isSettled) assert.equal(await told(again()), '2028100', `${where}: nobody has looked after it`)
      await subject.lookAfter()
      const truth = (await again()).reply.text
      // One code was sent when it was opened.
      assert.equal(truth.slice(17, 24), sent === 2 ? '2008100' : '5048100', where)
      seen.add(truth.slice(17, 24))
      await subject.end(referenceNo)
      assert.equal((await again()).reply.text, truth, where)
      assert.equal((await messagesOf(stage, referenceNo)).length, sent, where)
    }
    assert.deepEqual([...seen].sort(), ['2008100', '5048100'])
  })

  test(`who asked for another code of a ${name}, died, and asks again when it has ended, is told that`, async () => {
    for (const n of [2, 4]) {
      const { referenceNo, again } = await dying(subject, n)
      await subject.end(referenceNo)
      clock.jump(LEASE_MS + 1)
      assert.equal(await told(again()), subject.ended)
    }
  })

  test(`who asked for another code of a ${name} and died is not told of the code that came after`, async () => {
    const { referenceNo, again } = await dying(subject, 2)
    clock.jump(61_000)
    assert.equal(await told(subject.resend(alive(), referenceNo, newId())), '2008100')
    assert.equal(await told(again()), '5048100')
  })

  test(`a process that was held up with another code of a ${name} tells what was told in its place`, async () => {
    const referenceNo = await subject.open()
    clock.jump(61_000)
    const externalId = newId()
    const slow = new Held(name === 'binding' ? 'after resend' : 'after another code')
    const asking = subject.resend(slow, referenceNo, externalId)
    while ((await messagesOf(stage, referenceNo)).length < 2)
      await new Promise((next) => setTimeout(next, 10))
    clock.jump(LEASE_MS + 1)
    await subject.lookAfter()
    const twins = await Promise.all(
      [1, 2, 3].map(() => told(subject.resend(alive(), referenceNo, externalId))),
    )
    assert.deepEqual(twins, ['2008100', '2008100', '2008100'])
    slow.letGo()
    const { text } = (await asking).reply
    assert.equal((await subject.resend(alive(), referenceNo, externalId)).reply.text, text)
    assert.equal((await messagesOf(stage, referenceNo)).length, 2)
  })
}
