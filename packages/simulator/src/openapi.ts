import type { TSchema } from 'typebox'
import { BANK_SCHEMAS } from './banks/contract.ts'
import { bankPaths } from './banks/openapi.ts'
import {
  Account,
  BookLine,
  ChargeBody,
  ChargeReply,
  DuplicateReply,
  Next,
  OneTimeTokenBody,
  OutageBody,
  RefusalReply,
} from './contract.ts'
import { CARD_SCHEMAS, cardControlPaths, cardPaths } from './openapi-cards.ts'
import { BAD, DONE, describing, KEYED, REFERENCE_NO } from './openapi-parts.ts'

const SCHEMAS = {
  ChargeBody,
  ChargeReply,
  DuplicateReply,
  RefusalReply,
  BookLine,
  Next,
  OutageBody,
  OneTimeTokenBody,
  Account,
  ...CARD_SCHEMAS,
  ...BANK_SCHEMAS,
} satisfies Record<string, TSchema>

const { json, takes } = describing(SCHEMAS)

const NETWORK_PATHS = {
  '/network/v1/charges': {
    post: {
      summary:
        'Charge a card, by its number or by a network token. One referenceNo is booked once, whatever happens.',
      ...KEYED,
      requestBody: takes('ChargeBody'),
      responses: {
        200: json('ChargeReply', 'Booked; status says what became of it.'),
        400: json('RefusalReply', 'Malformed: 30.'),
        401: json('RefusalReply', 'Key missing or wrong.'),
        409: json(
          'DuplicateReply',
          'The reference is booked already: 94, with what became of the first charge.',
        ),
        410: json('RefusalReply', 'expiresAt has passed, not booked: 68.'),
      },
    },
  },
  '/network/v1/charges/{referenceNo}': {
    get: {
      summary: 'What became of a charge.',
      ...KEYED,
      parameters: [REFERENCE_NO],
      responses: {
        200: json('ChargeReply', 'As it is now.'),
        404: json('RefusalReply', 'Never heard of it: 25.'),
      },
    },
  },
  ...cardPaths({ json, takes }),
  '/network/v1/book': {
    get: {
      summary: 'Every charge booked, one JSON line each.',
      ...KEYED,
      responses: { 200: json('BookLine', 'Lines.', 'application/x-ndjson') },
    },
  },
  '/network/v1/health': { get: { summary: 'Whether it books.', responses: { 200: DONE, 503: DONE } } },
  '/network/v1/openapi.json': { get: { summary: 'This document.', responses: { 200: DONE } } },
}

const CONTROL_PATHS = {
  '/_sim/next': {
    post: {
      summary: 'Queue a fault or a SNAP case for the next matching calls.',
      requestBody: takes('Next'),
      responses: { 200: DONE, 400: BAD },
    },
    get: { summary: 'How many are queued.', responses: { 200: DONE } },
    delete: { summary: 'Forget them.', responses: { 200: DONE } },
  },
  '/_sim/outage': {
    post: {
      summary: 'Take the network down, let it hang, or bring it up.',
      requestBody: takes('OutageBody'),
      responses: { 200: DONE, 400: BAD },
    },
    get: { summary: 'The present mode.', responses: { 200: DONE } },
  },
  '/_sim/otts': {
    post: {
      summary: "Make a live one-time token, as the issuer's app does.",
      requestBody: takes('OneTimeTokenBody'),
      responses: { 200: DONE, 400: BAD },
    },
  },
  '/_sim/accounts': {
    get: { summary: 'The accounts of the issuers.', responses: { 200: DONE } },
    put: {
      summary: 'One account is added or replaced; a list replaces all.',
      requestBody: takes('Account'),
      responses: { 200: DONE, 400: BAD },
    },
  },
  ...cardControlPaths({ json, takes }),
  '/_sim/people': { get: { summary: 'The people with accounts.', responses: { 200: DONE } } },
  '/_sim/issuers': { get: { summary: 'The issuers.', responses: { 200: DONE } } },
  '/_sim/magic': { get: { summary: 'The magic values.', responses: { 200: DONE } } },
  '/_sim/charges/{referenceNo}/approve': { post: confirmation('confirms') },
  '/_sim/charges/{referenceNo}/decline': { post: confirmation('refuses') },
}

function confirmation(verb: string) {
  return {
    summary: `The cardholder ${verb}.`,
    parameters: [REFERENCE_NO],
    responses: { 200: json('ChargeReply', 'Final now.'), 404: DONE, 409: { description: 'Final before.' } },
  }
}

/** The description of the Network API v1 and of the simulator's control, made of the schemas that check it. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'KKI network simulator, and banks and wallets',
    version: '1',
    description: 'Network API v1, Bank API v1, and below /_sim what only a simulator has.',
  },
  paths: { ...NETWORK_PATHS, ...bankPaths({ json, takes }), ...CONTROL_PATHS },
  components: {
    schemas: SCHEMAS,
    securitySchemes: { networkKey: { type: 'http', scheme: 'bearer' } },
  },
}
