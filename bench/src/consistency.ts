import { createReadStream, existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { AMOUNT_MINOR, CHANNEL, DEBIT_CHANNEL } from './merchant.ts'
import type { Stage } from './stage.ts'

const CHUNK = 20_000
const SETTLE_MS = 10_000

interface Answer {
  readonly referenceNo: string
  readonly partnerReferenceNo: string
}

export interface Agreement {
  readonly answered: number
  readonly paid: number
  readonly booked: number
  readonly faults: readonly string[]
}

interface Expected {
  readonly channel: string
  /** Of the simulator. */
  readonly book: string
  readonly answersFile: string
}

/**
 * Whether each payment that was answered as successful stands once in the database and once in the book of the network or bank that
 * made it, and whether those two agree on everything else.
 */
export async function checkAgreement(stage: Stage): Promise<Agreement> {
  await waitForOpenPayments(stage)
  const { answersFile, debitAnswersFile } = stage
  const agreements = [
    await checkBook(stage, { channel: CHANNEL, book: '/network/v1/book', answersFile }),
    await checkBook(stage, {
      channel: DEBIT_CHANNEL,
      book: '/bank/v1/bri/book',
      answersFile: debitAnswersFile,
    }),
  ]
  const sum = (count: (one: Agreement) => number) => agreements.reduce((total, one) => total + count(one), 0)
  return {
    answered: sum(({ answered }) => answered),
    paid: sum(({ paid }) => paid),
    booked: sum(({ booked }) => booked),
    faults: agreements.flatMap(({ faults }) => faults),
  }
}

async function checkBook(stage: Stage, { channel, book, answersFile }: Expected): Promise<Agreement> {
  const answers = await readAnswers(answersFile)
  const faults: string[] = []
  const expect = (what: string, found: unknown, wanted: unknown) => {
    if (String(found) !== String(wanted))
      faults.push(`${channel}, ${what}: ${String(found)} instead of ${String(wanted)}`)
  }
  const unique = new Set(answers.map(({ referenceNo }) => referenceNo))
  expect('distinct references answered', unique.size, answers.length)
  expect('answered payments in the database, once', await countPaid(stage, answers), answers.length)

  const approved = (await readBook(stage, book)).filter(({ status }) => status === 'approved')
  const byReference = new Map(approved.map((line) => [line.referenceNo, line]))
  expect('distinct references in the book', byReference.size, approved.length)
  const inBook = answers.filter(
    (answer) => byReference.get(answer.referenceNo)?.merchantReferenceNo === answer.partnerReferenceNo,
  )
  expect('answered payments in the book, once', inBook.length, answers.length)

  const { rows } = await stage.database.query<{ paid: string; sum: string }>(
    `select count(*) as paid, coalesce(sum(amount_minor), 0) as sum from payments
      where partner_id = $1 and channel = $2 and state = 'paid' and reference_no >= '2'`,
    [stage.merchant.partnerId, channel],
  )
  const booked = approved.reduce((sum, { amount }) => sum + BigInt(amount.value.replace('.', '')), 0n)
  expect('payments in the database', rows[0]?.paid, approved.length)
  expect('sum of the payments in the database, in sen', rows[0]?.sum, booked)
  expect('sum of the book, in sen', booked, AMOUNT_MINOR * BigInt(approved.length))
  return { answered: answers.length, paid: Number(rows[0]?.paid), booked: approved.length, faults }
}

/** A payment whose round ended in a fault is open until the gateway has asked the network about it. */
async function waitForOpenPayments(stage: Stage): Promise<void> {
  const until = Date.now() + SETTLE_MS
  for (;;) {
    const { rows } = await stage.database.query('select 1 from payments where due_at is not null limit 1')
    if (rows.length === 0 || Date.now() > until) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function readAnswers(file: string): Promise<Answer[]> {
  const answers: Answer[] = []
  if (!existsSync(file)) return answers
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const [referenceNo = '', partnerReferenceNo = ''] = line.split(' ')
    answers.push({ referenceNo, partnerReferenceNo })
  }
  return answers
}

/** A payment counts when it is paid, its stored reply is the success that was sent, and one event tells of its end. */
async function countPaid(stage: Stage, answers: readonly Answer[]): Promise<number> {
  let found = 0
  for (let start = 0; start < answers.length; start += CHUNK) {
    const chunk = answers.slice(start, start + CHUNK)
    const { rows } = await stage.database.query<{ count: string }>(
      `select count(*) from unnest($2::text[], $3::text[]) as a(reference_no, partner_reference_no)
         join payments p on p.partner_id = $1 and p.reference_no = a.reference_no
          and p.partner_reference_no = a.partner_reference_no and p.state = 'paid'
         join request_ids r on r.partner_id = $1 and r.request_date = p.request_date
          and r.external_id = p.external_id and r.reference_no = p.reference_no and r.reply like '{"responseCode":"2005400"%'
         join outbox o on o.partner_id = $1 and o.reference_no = p.reference_no and o.type = 'payment.settled.v1'
          and o.event_date between p.request_date and p.request_date + 1`,
      [
        stage.merchant.partnerId,
        chunk.map((one) => one.referenceNo),
        chunk.map((one) => one.partnerReferenceNo),
      ],
    )
    found += Number(rows[0]?.count)
  }
  return found
}

interface BookLine {
  readonly referenceNo: string
  readonly merchantReferenceNo: string
  readonly status: string
  readonly amount: { readonly value: string }
}

async function readBook(stage: Stage, path: string): Promise<BookLine[]> {
  const response = await fetch(`${stage.simulator.ready.url}${path}`, {
    headers: { authorization: `Bearer ${stage.networkKey}` },
  })
  if (!response.ok || response.body === null) throw new Error(`no book: HTTP ${response.status}`)
  const lines: BookLine[] = []
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) }))
    lines.push(JSON.parse(line) as BookLine)
  return lines
}
