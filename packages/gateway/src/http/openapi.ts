import { CONTRACTS, type Contract, HEADERS, OUTCOMES, responseCode, responseMessage } from '@gerbang/snap'

const TITLES: Readonly<Record<string, string>> = {
  'access-token-b2b': 'Get a B2B access token',
  'payment-host-to-host': 'Pay with a Kartu Kredit Indonesia',
  status: 'Ask for the status of a payment',
}

/** What each operation can answer besides success, in the order in which it is checked. */
const REFUSALS: Readonly<Record<string, readonly (keyof typeof OUTCOMES)[]>> = {
  'access-token-b2b': ['invalidMandatoryField', 'unauthorized', 'badRequest', 'generalError'],
  'payment-host-to-host': [
    'requestInProgress',
    'badRequest',
    'invalidFieldFormat',
    'invalidMandatoryField',
    'unauthorized',
    'invalidTokenB2b',
    'tokenNotFoundB2b',
    'doNotHonor',
    'insufficientFunds',
    'inconsistentRequest',
    'invalidOtp',
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
    paths: Object.fromEntries(CONTRACTS.map((contract) => [contract.path, { post: operation(contract) }])),
    components: { schemas: { Error: errorSchema } },
  }
}

function operation(contract: Contract): object {
  const code = responseCode(contract.operation, 'successful')
  return {
    operationId: contract.operation,
    summary: TITLES[contract.operation] ?? contract.operation,
    parameters: headersOf(contract),
    requestBody: { required: true, content: { 'application/json': { schema: contract.body } } },
    responses: {
      200: {
        description: `\`${code}\` Successful`,
        content: { 'application/json': { schema: contract.reply } },
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
    return header.requiredOn === 'none' && !isToken
  }).map(({ name, requiredOn }) => ({
    name,
    in: 'header',
    required: requiredOn !== 'none' || name === 'Authorization',
    schema: { type: 'string' },
  }))
}

function refusalsOf(contract: Contract): Record<string, object> {
  const byStatus = new Map<number, string[]>()
  for (const name of REFUSALS[contract.operation] ?? []) {
    const { status } = OUTCOMES[name]
    const line = `\`${responseCode(contract.operation, name)}\` ${responseMessage(name)}`
    byStatus.set(status, [...(byStatus.get(status) ?? []), line])
  }
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [String(status), { description: lines.join(' · '), content }]),
  )
}

const errorSchema = {
  type: 'object',
  required: ['responseCode', 'responseMessage'],
  properties: {
    responseCode: { type: 'string', pattern: '^\\d{7}$' },
    responseMessage: { type: 'string', minLength: 1, maxLength: 150 },
  },
}
