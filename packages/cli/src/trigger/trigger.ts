import { MAGIC } from '@gerbang/simulator'
import { askGateway } from '../commands/ask-gateway.ts'
import { readAmount } from '../commands/asking-options.ts'
import type { Context } from '../context.ts'
import { usageFailure } from '../failure.ts'
import { makeReference } from '../made-numbers.ts'
import { sayJson } from '../terminal.ts'
import { FLOWS, type Flow } from './flows.ts'
import type { Step, Values } from './stage.ts'

export interface TriggerOptions {
  readonly event: string
  readonly case: string | undefined
  /** `amount=5000`. */
  readonly set: readonly string[]
  readonly credentials: string | undefined
  readonly isJson: boolean
}

/**
 * Plays a flow and says how each call was answered.
 * @throws CommandFailure when it ended otherwise than it is called
 */
export async function trigger({ config, terminal }: Context, options: TriggerOptions): Promise<void> {
  const { event, credentials, isJson } = options
  const flow = flowOf(event)
  const caseCode = caseOf(flow, options)
  const values = valuesOf(options.set)
  const steps: Step[] = []
  const tell = (step: Step) => {
    steps.push(step)
    if (!isJson) terminal.say(`${step.call.padEnd(7)} ${step.number}  ${step.answer}`)
  }
  const asking = { command: 'trigger', subject: 'card', numbers: {}, credentials } as const
  await askGateway(config, asking, (client) => flow.play({ client, values, caseCode, tell }))
  if (isJson) sayJson(terminal, { event, steps })
  else terminal.say(`${terminal.shade('green', event)}: ${flow.meaning.split(';')[0]}.`)
}

function flowOf(event: string): Flow {
  const flow = FLOWS[event]
  if (flow !== undefined) return flow
  throw usageFailure(`There is no ${event}. There are: ${Object.keys(FLOWS).join(', ')}.`)
}

/** `403/14` and `40314` are the same. */
function caseOf({ takesCase }: Flow, { event, case: text }: TriggerOptions): string | undefined {
  if (text === undefined) return undefined
  const code = text.replace('/', '')
  if (!takesCase) throw usageFailure(`${event} has one end only: --case goes with the failed ones.`)
  if (MAGIC.some((row) => row.case === code) && !code.startsWith('2')) return code
  throw usageFailure(`--case ${text} is no refusal of SNAP.`, 'npx gerbang magic (lists the cases)')
}

const READERS: Readonly<Record<keyof Values, (text: string) => string>> = {
  amount: (text) => readAmount(text, '--set amount'),
  reference: (text) => text,
  customer: (text) => text,
  phone: (text) => text,
  cpan: (text) => text,
}

function valuesOf(set: readonly string[]): Values {
  const given = set.map((assignment) => {
    const [, name = '', text = ''] = /^([a-z]+)=(.+)$/.exec(assignment) ?? []
    const read = Object.hasOwn(READERS, name) ? READERS[name as keyof Values] : undefined
    if (read !== undefined) return [name, read(text)]
    throw usageFailure(
      `--set takes ${Object.keys(READERS).join(', ')}, such as amount=5000, not ${assignment}.`,
    )
  })
  const reference = makeReference('TRG')
  return {
    amount: '10000.00',
    reference,
    // A customer of its own, because a card that is kept for one is not kept for it again.
    customer: reference.replaceAll('-', ''),
    phone: '6281234567890',
    // The simulator's card without a daily limit.
    cpan: '9360000220000000037',
    ...Object.fromEntries(given),
  }
}
