import {
  CONTRACTS,
  type Contract,
  HEADERS,
  type Operation,
  OUTCOMES,
  responseCode,
  responseMessage,
} from '@gerbang/snap'
import { BEGINNINGS } from '../auth/gates.ts'
import { ACCOUNT_EXAMPLES, ACCOUNT_REFUSALS, ACCOUNT_TITLES } from './openapi-account.ts'
import { BINDING_EXAMPLES, BINDING_REFUSALS, BINDING_TITLES } from './openapi-binding.ts'
import { DEBIT_EXAMPLES, DEBIT_REFUSALS, DEBIT_TITLES } from './openapi-debit.ts'

const TITLES: Readonly<Record<string, string>> = {
  'access-token-b2b': 'Get a B2B access token',
  'access-token-b2b2c': 'Get a customer’s access token',
  'registration-card-unbind': 'Forget a kept card',
  ...ACCOUNT_TITLES,
  ...BINDING_TITLES,
  ...DEBIT_TITLES,
  'payment-host-to-host': 'Pay with a card, a kept account or a wallet',
  refund: 'Give back part or all of a payment',
  status: 'Ask for the status of a payment',
}

const TAG = 'SNAP'

/** One request and its reply each, so that a reader sees the thing before its schema. */
const EXAMPLES: Readonly<Record<string, { request: object; reply: object }>> = {
  'access-token-b2b': {
    request: { grantType: 'client_credentials' },
    reply: { accessToken: 'eyJhbGciOiJSUzI1NiJ9.…', tokenType: 'Bearer', expiresIn: 900, additionalInfo: '' },
  },
  'access-token-b2b2c': {
    request: { grantType: 'authorization_code', authCode: '2238261121111736935639831085797221604177' },
    reply: {
      accessToken: 'eyJhbGciOiJSUzI1NiJ9.…',
      tokenType: 'Bearer',
      accessTokenExpiryTime: '2026-12-06T11:17:36+07:00',
      refreshToken: 'eyJhbGciOiJIUzI1NiJ9.…',
      refreshTokenExpiryTime: '2026-12-21T11:17:36+07:00',
    },
  },
  'registration-card-unbind': {
    request: {
      tokenId: '8eb4fa9fbf2f0d1a9a6d0b1f9c3e7d55',
      additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    },
    reply: { referenceNo: '20261121111736935639831085797221' },
  },
  ...ACCOUNT_EXAMPLES,
  ...BINDING_EXAMPLES,
  ...DEBIT_EXAMPLES,
  'payment-host-to-host': {
    request: {
      partnerReferenceNo: 'INV-0001',
      chargeToken: '9360000200000200001',
      otp: '12345678',
      amount: { value: '10000.00', currency: 'IDR' },
      additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    },
    reply: { referenceNo: '20261121111736935639831085797221', partnerReferenceNo: 'INV-0001' },
  },
  refund: {
    request: {
      originalPartnerReferenceNo: 'INV-0001',
      partnerRefundNo: 'REF-0001',
      refundAmount: { value: '4000.00', currency: 'IDR' },
      reason: 'One of two returned',
      additionalInfo: { channel: 'KARTU_KREDIT_INDONESIA_SNAP' },
    },
    reply: {
      refundAmount: { value: '4000.00', currency: 'IDR' },
      originalPartnerReferenceNo: 'INV-0001',
      originalReferenceNo: '20261121111736935639831085797221',
      refundNo: '20261121153000123456789012345678',
      partnerRefundNo: 'REF-0001',
      refundTime: '2026-11-21T15:30:00+07:00',
    },
  },
  status: {
    request: { originalPartnerReferenceNo: 'INV-0001', serviceCode: '55' },
    reply: {
      originalPartnerReferenceNo: 'INV-0001',
      originalReferenceNo: '20261121111736935639831085797221',
      serviceCode: '55',
      latestTransactionStatus: '00',
      transactionStatusDesc: 'Success',
      originalResponseCode: '2005400',
      originalResponseMessage: 'Successful',
      refundHistory: [
        {
          refundNo: '20261121153000123456789012345678',
          partnerReferenceNo: 'REF-0001',
          refundAmount: { value: '4000.00', currency: 'IDR' },
          refundStatus: '00',
          refundDate: '2026-11-21T15:30:00+07:00',
          reason: 'One of two returned',
        },
      ],
      transAmount: { value: '10000.00', currency: 'IDR' },
      paidTime: '2026-11-21T11:17:36+07:00',
    },
  },
}

const HEADER_MEANINGS: Readonly<Record<string, string>> = {
  'X-CLIENT-KEY': 'The client id',
  'X-PARTNER-ID': 'The client id, the same as in the token',
  'X-TIMESTAMP': 'ISO 8601 with zone, for example 2026-11-21T11:17:36+07:00; signed to the letter',
  'X-SIGNATURE':
    'Base64. Token: RSA-SHA256 over `client id|timestamp`. Else: HMAC-SHA512 over `METHOD:path:token:hex(sha256(body)):timestamp`',
  'X-EXTERNAL-ID': 'Unique per client, service and Jakarta day',
  'X-IP-ADDRESS': 'Where the customer is; any address is taken',
  'CHANNEL-ID': '`H2H` or `DH`; anything else is `DH`. X-CHANNEL-ID is the same and comes first',
}

/** What each operation can answer besides success, in the order in which it is checked. */
const REFUSALS: Readonly<Record<string, readonly (keyof typeof OUTCOMES)[]>> = {
  'access-token-b2b': ['invalidMandatoryField', 'unauthorized', 'badRequest', 'generalError'],
  'access-token-b2b2c': [
    'invalidFieldFormat',
    'invalidMandatoryField',
    'unauthorized',
    'badRequest',
    'generalError',
  ],
  'registration-card-unbind': [
    'badRequest',
    'invalidFieldFormat',
    'invalidMandatoryField',
    'unauthorized',
    'invalidTokenB2b',
    'invalidCustomerToken',
    'tokenNotFoundB2b',
    'invalidCard',
    'requestedFunctionIsNotSupported',
    'conflict',
    'generalError',
  ],
  ...ACCOUNT_REFUSALS,
  ...BINDING_REFUSALS,
  ...DEBIT_REFUSALS,
  'payment-host-to-host': [
    'requestInProgress',
    'badRequest',
    'invalidFieldFormat',
    'invalidMandatoryField',
    'unauthorized',
    'invalidTokenB2b',
    'tokenNotFoundB2b',
    'invalidCustomerToken',
    'customerTokenNotFound',
    'doNotHonor',
    'insufficientFunds',
    'inconsistentRequest',
    'invalidOtp',
    'requestedFunctionIsNotSupported',
    'conflict',
    'duplicatePartnerReferenceNo',
    'tooManyRequests',
    'internalServerError',
    'externalServerError',
    'timeout',
  ],
  refund: [
    'requestInProgress',
    'badRequest',
    'invalidFieldFormat',
    'invalidMandatoryField',
    'unauthorized',
    'invalidTokenB2b',
    'tokenNotFoundB2b',
    'doNotHonor',
    'invalidTransactionStatus',
    'transactionNotFound',
    'invalidAmount',
    'inconsistentRequest',
    'requestedFunctionIsNotSupported',
    'conflict',
    'duplicatePartnerReferenceNo',
    'tooManyRequests',
    'internalServerError',
    'externalServerError',
    'timeout',
  ],
  status: [
    'invalidMandatoryField',
    'unauthorized',
    'invalidTokenB2b',
    'tokenNotFoundB2b',
    'transactionNotFound',
    'inconsistentRequest',
  ],
}

/** OpenAPI 3.1 of the public API, made from the contracts that requests are checked against. */
export function openApi(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gerbang',
      version: '1',
      description:
        'SNAP direct debit for Kartu Kredit Indonesia, on the wire like DOKU. Every reply carries a `responseCode` of HTTP status, service and case.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: [
      { name: TAG, description: 'Served in the wire format of the Indonesian national open API standard.' },
    ],
    paths: Object.fromEntries(CONTRACTS.map((contract) => [contract.path, { post: operation(contract) }])),
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: { accessTokenB2b: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  }
}

function operation(contract: Contract): object {
  const code = responseCode(contract.operation, 'successful')
  const example = EXAMPLES[contract.operation]
  const reply = { responseCode: code, responseMessage: responseMessage('successful'), ...example?.reply }
  return {
    operationId: contract.operation,
    tags: [TAG],
    summary: TITLES[contract.operation] ?? contract.operation,
    ...(!contract.operation.startsWith('access-token') && { security: [{ accessTokenB2b: [] }] }),
    parameters: headersOf(contract),
    requestBody: {
      required: true,
      content: { 'application/json': { schema: contract.body, ...exampleOf(example?.request) } },
    },
    responses: {
      200: {
        description: `\`${code}\` Successful`,
        content: { 'application/json': { schema: contract.reply, ...exampleOf(reply) } },
      },
      ...refusalsOf(contract),
    },
  }
}

function headersOf(contract: Contract): readonly object[] {
  const isToken = contract.operation.startsWith('access-token')
  const group = isToken ? 'token' : 'transaction'
  return HEADERS.filter((header) => {
    if (header.requiredOn === group || header.requiredOn === 'both') return true
    return header.requiredOn === 'none' && !isToken && header.name !== 'Authorization'
  }).map(({ name, requiredOn }) => ({
    name,
    in: 'header',
    required: requiredOn !== 'none' || (contract.headers ?? []).includes(name),
    ...(HEADER_MEANINGS[name] !== undefined && { description: HEADER_MEANINGS[name] }),
    schema: { type: 'string' },
  }))
}

/** With what an operator may have closed to a partner, whatever the operation. */
function refusalNames(operation: Operation): Iterable<keyof typeof OUTCOMES> {
  const closed = BEGINNINGS.has(operation) ? (['featureNotAllowed'] as const) : []
  return new Set([...(REFUSALS[operation] ?? []), ...closed, 'tooManyRequests' as const])
}

function refusalsOf(contract: Contract): Record<string, object> {
  const byStatus = new Map<number, { responseCode: string; responseMessage: string }[]>()
  for (const name of refusalNames(contract.operation)) {
    const { status } = OUTCOMES[name]
    const reply = {
      responseCode: responseCode(contract.operation, name),
      responseMessage: responseMessage(name),
    }
    byStatus.set(status, [...(byStatus.get(status) ?? []), reply])
  }
  return Object.fromEntries([...byStatus].map(([status, replies]) => [String(status), refusal(replies)]))
}

function refusal(replies: readonly { responseCode: string; responseMessage: string }[]): object {
  const examples = Object.fromEntries(
    replies.map((reply) => [reply.responseCode, { summary: reply.responseMessage, value: reply }]),
  )
  return {
    description: replies.map((reply) => `\`${reply.responseCode}\` ${reply.responseMessage}`).join(' · '),
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' }, examples } },
  }
}

/** In the plural: the viewer leaves a single `example` beside a schema out. */
function exampleOf(value: object | undefined): object {
  return value === undefined ? {} : { examples: { usual: { value } } }
}

const errorSchema = {
  type: 'object',
  required: ['responseCode', 'responseMessage'],
  properties: {
    responseCode: { type: 'string', pattern: '^\\d{7}$' },
    responseMessage: { type: 'string', minLength: 1, maxLength: 150 },
  },
}
