import { type Describing, KEYED, REFERENCE_NO } from '../openapi-parts.ts'
import { BANKS } from './banks.ts'

const BANK = {
  name: 'bank',
  in: 'path',
  required: true,
  schema: { type: 'string', enum: BANKS.map(({ slug }) => slug) },
}

const OTHER_PATHS = {
  '/bank/v1/{bank}/pages/{referenceNo}': {
    get: {
      summary: 'The page on which a customer approves or declines.',
      parameters: [BANK, REFERENCE_NO],
      responses: { 200: { description: 'HTML with two buttons.' } },
    },
  },
  '/bank/v1/{bank}/book': {
    get: {
      summary: 'Every charge and every refund of a bank, one JSON line each.',
      ...KEYED,
      parameters: [BANK],
      responses: { 200: { description: 'Lines.' } },
    },
  },
}

const TRIES = 'Try a code or PIN: 55 when it is wrong; the fifth wrong one ends it.'

/** Bank API v1: the banks and wallets beside the network. */
export function bankPaths({ json, takes }: Describing) {
  const malformed = { 400: json('RefusalReply', 'Malformed: 30.') }
  const late = { 410: json('RefusalReply', 'expiresAt has passed, not booked: 68.') }
  const unknown = { 404: json('RefusalReply', 'Never heard of it: 25.') }
  const booking = (summary: string, body: string, reply: string) => ({
    summary: `${summary} A repetition is answered alike.`,
    ...KEYED,
    parameters: [BANK],
    requestBody: takes(body),
    responses: { 200: json(reply, 'Booked.'), ...malformed, ...late },
  })
  const step = (summary: string, reply: string, body?: string) => ({
    summary,
    ...KEYED,
    parameters: [BANK, REFERENCE_NO],
    ...(body === undefined ? {} : { requestBody: takes(body) }),
    responses: { 200: json(reply, 'As it is now.'), ...unknown, ...(body === undefined ? {} : malformed) },
  })
  return {
    ...thingPaths('bindings', 'BankBindingReply', step, {
      post: booking('Keep an account or card.', 'BankBindingBody', 'BankBindingReply'),
      cancel: 'Cancel it, unless it is bound.',
    }),
    ...thingPaths('charges', 'BankChargeReply', step, {
      post: booking(
        'Charge what is kept, or let a customer pay on a page.',
        'BankChargeBody',
        'BankChargeReply',
      ),
      cancel: 'Call it off: before it is confirmed, or, where the bank does that, on its day.',
    }),
    '/bank/v1/{bank}/refunds': { post: booking('Give back.', 'RefundBody', 'RefundReply') },
    '/bank/v1/{bank}/refunds/{referenceNo}': { get: step('What became of a refund.', 'RefundReply') },
    '/bank/v1/{bank}/unbindings': {
      post: booking('End a network token.', 'BankUnbindingBody', 'BankUnbindingReply'),
    },
    '/bank/v1/{bank}/unbindings/{referenceNo}': {
      get: step('What became of an unbinding.', 'BankUnbindingReply'),
    },
    '/bank/v1/{bank}/unbindings/{referenceNo}/verification': {
      post: step(TRIES, 'BankUnbindingReply', 'BankVerificationBody'),
    },
    '/bank/v1/{bank}/balances': {
      post: {
        summary: 'Ask for the balances of what is kept.',
        ...KEYED,
        parameters: [BANK],
        requestBody: takes('BalanceBody'),
        responses: { 200: json('BalanceReply', 'With resultCode 00, else why not.'), ...malformed },
      },
    },
    ...OTHER_PATHS,
  }
}

type DescribeStep = (summary: string, reply: string, body?: string) => object

/** What is confirmed with codes: bindings and charges. */
function thingPaths(
  things: string,
  reply: string,
  step: DescribeStep,
  { post, cancel }: { readonly post: object; readonly cancel: string },
) {
  const path = `/bank/v1/{bank}/${things}`
  return {
    [path]: { post },
    [`${path}/{referenceNo}`]: { get: step('What became of it.', reply) },
    [`${path}/{referenceNo}/otp`]: {
      post: step(
        'Send a code, or a new one: 60 s after the last one, three times at most, else X42900.',
        reply,
      ),
    },
    [`${path}/{referenceNo}/verification`]: {
      post: step(TRIES, reply, 'BankVerificationBody'),
    },
    [`${path}/{referenceNo}/cancellation`]: { post: step(cancel, reply) },
  }
}
