import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { startSimulator } from '@gerbang/simulator'
import type {
  BindInstruction,
  BindingAnswer,
  ChannelAnswer,
  ChargeInstruction,
  ConfirmInstruction,
  RefundInstruction,
} from '../../src/channels/channel.ts'
import type { ChargeSource } from '../../src/channels/charge-source.ts'
import { openChannels } from '../../src/channels/index.ts'
import type { ChannelProfile } from '../../src/channels/profile.ts'
import { Secret } from '../../src/secret.ts'

export const TIMEOUT_MS = 5_000
export const RIGHT_CODE = new Secret('111000')
export const WRONG_CODE = new Secret('000000')
export const RIGHT_PIN = new Secret('123456')

export type Stage = Awaited<ReturnType<typeof openChannelStage>>

let serial = 0
export function aReference(): string {
  serial += 1
  return String(serial).padStart(32, '7')
}

/** A telephone that nobody has used, of somebody with much money and the usual PIN. */
function aPhone(): string {
  serial += 1
  return `62815${String(serial).padStart(7, '0')}`
}

/** A channel in front of a real simulator, and what its customer can do. */
export async function openChannelStage(t: TestContext, slug: string) {
  const directory = mkdtempSync(join(tmpdir(), `${slug}-`))
  const simulator = await startSimulator({ directory, port: 0, networkKey: 'the-key' })
  const network = { url: simulator.url, key: new Secret('the-key'), connections: 8 }
  const [channel] = openChannels({ opened: [slug], network, urls: {} })
  assert.ok(channel, `${slug} is opened`)
  t.after(async () => {
    await channel.close()
    await simulator.close()
    rmSync(directory, { recursive: true, force: true })
  })

  async function control(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${simulator.url}/_sim${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  async function newestCode(referenceNo: string): Promise<Secret> {
    const response = await control('GET', `/inbox?referenceNo=${referenceNo}`)
    const [message] = (await response.json()) as { code: string }[]
    assert.ok(message, 'no code was sent')
    return new Secret(message.code)
  }

  let offsetMs = 0
  return {
    slug,
    channel,
    profile: channel.profile,
    newestCode,
    phone: aPhone(),
    async advance(ms: number) {
      offsetMs += ms
      await control('PUT', '/clock', { offsetMs })
    },
    async fault(operation: string, fault: string) {
      await control('POST', '/next', { fault, match: { operation } })
    },
    async control(operation: string, caseCode: string) {
      await control('POST', '/next', { case: caseCode, match: { operation } })
    },
    /** What a customer does in an application, or on a page of the channel's own. */
    async decide(referenceNo: string, answer: ChannelAnswer, decision: 'approve' | 'decline') {
      const address = answer.kind === 'waiting' ? answer.redirectUrl : undefined
      if (address === undefined) {
        const { status } = await control('POST', `/charges/${referenceNo}/${decision}`)
        return assert.equal(status, 200)
      }
      assert.ok((await (await fetch(address)).text()).includes('<form method="post"'))
      const body = new URLSearchParams({ decision })
      const { status } = await fetch(address, { method: 'POST', body, redirect: 'manual' })
      assert.equal(status, 303)
    },
    /** Lines of the channel's own book about one charge or refund. */
    async booked(referenceNo: string): Promise<number> {
      const path = channel.profile.payment.shape === 'kki' ? '/network/v1' : `/bank/v1/${slug}`
      const headers = { authorization: 'Bearer the-key' }
      const text = await (await fetch(`${simulator.url}${path}/book`, { headers })).text()
      return text.split('\n').filter((line) => line.includes(`"referenceNo":"${referenceNo}"`)).length
    },
  }
}

export function aCharge(
  source: ChargeSource,
  takes: Partial<ChargeInstruction> = {},
): ChargeInstruction & { readonly source: ChargeSource } {
  return {
    referenceNo: aReference(),
    merchantId: 'BRN-1',
    merchantReferenceNo: 'INV-1',
    amountMinor: 1_000_000n,
    expiresAt: Date.now() + 86_400_000,
    confirmBy: Date.now() + 3_600_000,
    ...takes,
    source,
  }
}

export function aRefund(originalReferenceNo: string, amountMinor: bigint): RefundInstruction {
  return {
    referenceNo: aReference(),
    originalReferenceNo,
    merchantId: 'BRN-1',
    merchantReferenceNo: 'RF-1',
    amountMinor,
    expiresAt: Date.now() + 86_400_000,
  }
}

/** What a channel's profile wants of a card: the last four digits, all of them, or a CPAN. */
const CARD_NUMBERS = ['7801', '4616990000007801', '9360000220000000011']

function subjectOf({ binding }: ChannelProfile): BindInstruction['subject'] {
  if (binding?.kind === 'account') {
    return { kind: 'account', device: { deviceModel: 'Pixel', osType: 'android', channelId: 'app' } }
  }
  const number = CARD_NUMBERS.find((one) => binding?.cardNumber?.test(one))
  assert.ok(number, 'the profile says what a card number looks like')
  return { kind: 'card', cardNumber: new Secret(number), oneTimeToken: undefined, expiry: new Secret('1230') }
}

export function aBinding(stage: Stage, takes: Partial<BindInstruction> = {}): BindInstruction {
  return {
    referenceNo: aReference(),
    merchantId: 'BRN-1',
    merchantReferenceNo: 'BIND-1',
    customerId: 'CUST-1',
    subject: subjectOf(stage.profile),
    phoneNo: new Secret(stage.phone),
    expiresAt: Date.now() + 86_400_000,
    ...takes,
  }
}

export function present<Part>(of: Part | undefined): Part {
  assert.ok(of, 'the channel offers what its profile says')
  return of
}

export function bindingsOf({ channel }: Stage) {
  const bindings = present(channel.bindings)
  const verify = (referenceNo: string, step: 'otp' | 'pin', attempt: number, code: Secret) =>
    bindings.verifyOtp({ referenceNo, step, attempt, code }, TIMEOUT_MS)
  return { ...bindings, verify }
}

/** A binding that waits for its code: one was sent, if need be because it was asked for. */
export async function openBinding(stage: Stage, takes: Partial<BindInstruction> = {}): Promise<string> {
  const bindings = bindingsOf(stage)
  const binding = aBinding(stage, takes)
  const answer = await bindings.bind(binding, TIMEOUT_MS)
  const isAskedFor = stage.profile.binding?.isOtpAskedFor === true
  assert.equal(answer.kind, isAskedFor ? 'otp-wanted' : 'otp-sent')
  if (!isAskedFor) return binding.referenceNo
  const sent = await bindings.resendOtp(binding.referenceNo, TIMEOUT_MS)
  assert.equal(sent.kind, 'otp-sent')
  return binding.referenceNo
}

/** Gives code and PIN as they are asked for. */
export async function finishBinding(stage: Stage, referenceNo: string): Promise<BindingAnswer> {
  const { verify } = bindingsOf(stage)
  const answer = await verify(referenceNo, 'otp', 1, RIGHT_CODE)
  if (stage.profile.binding?.hasPin !== true) return answer
  assert.equal(answer.kind, 'pin-wanted')
  return verify(referenceNo, 'pin', 1, RIGHT_PIN)
}

/** The network token of a new binding. */
export async function keep(stage: Stage, takes: Partial<BindInstruction> = {}): Promise<Secret> {
  const answer = await finishBinding(stage, await openBinding(stage, takes))
  assert.ok(answer.kind === 'bound', answer.kind)
  return answer.networkToken
}

/** What a charge of the channel's may name, for one that the customer confirms. */
export async function saleSource(stage: Stage): Promise<ChargeSource> {
  const { shape } = stage.profile.payment
  if (shape === 'jump-app') {
    return { kind: 'jump-app', returnUrl: 'https://toko.example/kembali', orderTitle: 'Kopi <3' }
  }
  if (shape === 'kki') {
    return {
      kind: 'card',
      chargeToken: new Secret('9360000220000000011'),
      oneTimeToken: new Secret('10000000'),
      keepsCard: false,
    }
  }
  return {
    kind: 'token',
    networkToken: await keep(stage),
    oneTimeToken: undefined,
    isRecurring: false,
    canAskPin: true,
  }
}

export async function recurringSource(stage: Stage): Promise<ChargeSource> {
  return { kind: 'token', networkToken: await keep(stage), oneTimeToken: undefined, isRecurring: true }
}

/** Does what the charge waits for, until it waits no more. */
export async function confirm(
  stage: Stage,
  charge: ChargeInstruction,
  first: ChannelAnswer,
): Promise<ChannelAnswer> {
  let answer = first
  for (let steps = 0; answer.kind === 'waiting' && steps < 4; steps++) {
    const { step = 'app' } = answer
    if (step === 'app') {
      await stage.decide(charge.referenceNo, answer, 'approve')
      answer = (await stage.channel.inquire(charge, TIMEOUT_MS)) as ChannelAnswer
      continue
    }
    const { resendOtp } = present(stage.channel.confirmations)
    if (step === 'otp' && answer.otpExpiresAt === undefined) {
      answer = (await resendOtp(charge, TIMEOUT_MS)) as ChannelAnswer
      continue
    }
    const code = step === 'otp' ? await stage.newestCode(charge.referenceNo) : RIGHT_PIN
    answer = (await tryCode(stage, { ...charge, step, attempt: 1, code })) as ChannelAnswer
  }
  return answer
}

export function tryCode({ channel }: Stage, instruction: ConfirmInstruction) {
  const { referenceNo, amountMinor, step, attempt, code } = instruction
  return present(channel.confirmations).confirm({ referenceNo, amountMinor, step, attempt, code }, TIMEOUT_MS)
}

/** A charge that is paid, whatever its customer had to do for it. */
export async function pay(stage: Stage, takes: Partial<ChargeInstruction> = {}) {
  const charge = aCharge(await saleSource(stage), takes)
  const answer = await confirm(stage, charge, await stage.channel.charge(charge, TIMEOUT_MS))
  assert.equal(answer.kind, 'paid')
  return charge
}

export function outcome(answer: object): unknown {
  return Reflect.get(answer, 'outcome')
}
