import type { TSchema } from 'typebox'
import {
  BindingBody,
  BindingReply,
  ClockBody,
  ClockReply,
  InboxMessage,
  RefundBody,
  RefundLine,
  RefundReply,
  UnbindingBody,
  UnbindingReply,
  VerificationBody,
} from './contract-cards.ts'
import { BAD, type Describing, KEYED, REFERENCE_NO } from './openapi-parts.ts'

export const CARD_SCHEMAS = {
  BindingBody,
  BindingReply,
  VerificationBody,
  UnbindingBody,
  UnbindingReply,
  RefundBody,
  RefundReply,
  RefundLine,
  InboxMessage,
  ClockBody,
  ClockReply,
} satisfies Record<string, TSchema>

/** Bindings, unbindings and refunds of the network. */
export function cardPaths({ json, takes }: Describing) {
  const unknown = { 404: json('RefusalReply', 'Never heard of it: 25.') }
  const malformed = { 400: json('RefusalReply', 'Malformed: 30.') }
  const late = { 410: json('RefusalReply', 'expiresAt has passed, not booked: 68.') }
  const bindingStep = (summary: string) => ({
    summary,
    ...KEYED,
    parameters: [REFERENCE_NO],
    responses: { 200: json('BindingReply', 'As it is now.'), ...unknown },
  })
  return {
    '/network/v1/bindings': {
      post: {
        summary: 'Send the cardholder a code, with which the card is kept. A repetition is answered alike.',
        ...KEYED,
        requestBody: takes('BindingBody'),
        responses: { 200: json('BindingReply', 'Booked.'), ...malformed, ...late },
      },
    },
    '/network/v1/bindings/{referenceNo}': { get: bindingStep('What became of a binding.') },
    '/network/v1/bindings/{referenceNo}/otp': {
      post: bindingStep('Send a new code: 60 s after the last one, three times at most, else X42900.'),
    },
    '/network/v1/bindings/{referenceNo}/verification': {
      post: {
        ...bindingStep('Try a code: 55 when it is wrong, blocked with the fifth wrong one.'),
        requestBody: takes('VerificationBody'),
        responses: { 200: json('BindingReply', 'What the try did.'), ...malformed, ...unknown },
      },
    },
    '/network/v1/bindings/{referenceNo}/cancellation': {
      post: bindingStep('Cancel it, unless it is bound.'),
    },
    '/network/v1/unbindings': {
      post: {
        summary: 'End a network token. A repetition is answered alike.',
        ...KEYED,
        requestBody: takes('UnbindingBody'),
        responses: { 200: json('UnbindingReply', 'Booked.'), ...malformed },
      },
    },
    '/network/v1/unbindings/{referenceNo}': {
      get: {
        summary: 'What became of an unbinding.',
        ...KEYED,
        parameters: [REFERENCE_NO],
        responses: { 200: json('UnbindingReply', 'As it is now.'), ...unknown },
      },
    },
    '/network/v1/refunds': refundPath({ json, takes }),
    '/network/v1/refunds/{referenceNo}': {
      get: {
        summary: 'What became of a refund.',
        ...KEYED,
        parameters: [REFERENCE_NO],
        responses: { 200: json('RefundReply', 'As it is now.'), ...unknown },
      },
    },
  }
}

function refundPath({ json, takes }: Describing) {
  return {
    post: {
      summary: 'Give back part or all of a charge, never more than it. A repetition is answered alike.',
      ...KEYED,
      requestBody: takes('RefundBody'),
      responses: {
        200: json('RefundReply', 'Booked.'),
        400: json('RefusalReply', 'Malformed: 30.'),
        410: json('RefusalReply', 'expiresAt has passed, not booked: 68.'),
      },
    },
    get: {
      summary: 'Every refund booked, one JSON line each.',
      ...KEYED,
      responses: { 200: json('RefundLine', 'Lines.', 'application/x-ndjson') },
    },
  }
}

/** What only a simulator has: the cardholders' telephones, and its clock. */
export function cardControlPaths({ json, takes }: Describing) {
  const query = (name: string, description: string) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  })
  const filter = [query('phone', 'Of this telephone only.'), query('referenceNo', 'Of this binding only.')]
  return {
    '/_sim/inbox': {
      get: {
        summary: 'The codes that were sent, an array with the newest first.',
        parameters: filter,
        responses: { 200: json('InboxMessage', 'Each of these.') },
      },
    },
    '/_sim/inbox/wait': {
      get: {
        summary: 'Wait for the next code.',
        parameters: [
          ...filter,
          query('after', 'An instant: the newest code that came then or later will do.'),
          query('timeoutMs', '10000 unless said, 120000 at most.'),
        ],
        responses: {
          200: json('InboxMessage', 'It came.'),
          400: BAD,
          404: { description: 'None came in time.' },
        },
      },
    },
    '/_sim/clock': {
      get: { summary: 'The time of the network.', responses: { 200: json('ClockReply', 'Now.') } },
      put: {
        summary: 'Shift it or stop it; what is due by then happens at once.',
        requestBody: takes('ClockBody'),
        responses: { 200: json('ClockReply', 'Now.'), 400: BAD },
      },
    },
  }
}
