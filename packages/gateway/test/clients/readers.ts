import type { Answer } from '../merchant.ts'
import type { Call, Client, TokenCall } from './client.ts'

type Name = Client['name']

/** What a library makes of an answer. */
export interface Reading {
  /** By the library's own rule. */
  readonly isAccepted: boolean
  /** Members that it reads without looking whether they are there. */
  readonly missed: readonly string[]
}

/** The library would have crashed, or would have lost what was answered. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
}

type Kind = 'text' | 'whole' | 'object' | Shape | readonly [Shape]

interface Shape {
  readonly [member: string]: Kind
}

const AMOUNT: Shape = { value: 'text', currency: 'text' }
const HEAD: Shape = { responseCode: 'text', responseMessage: 'text' }
const REFUND_LINE: Shape = {
  refundNo: 'text',
  partnerReferenceNo: 'text',
  refundAmount: AMOUNT,
  refundStatus: 'text',
  refundDate: 'text',
  reason: 'text',
}
const ACCOUNT: Shape = { custIdMerchant: 'text', status: 'text', accountStatus: 'text', authCode: 'text' }

/** Besides code and message: one member more ends the library for Python, another type that for Go. */
const MEMBERS: Readonly<Record<Call | TokenCall, Shape>> = {
  token_b2b: { accessToken: 'text', tokenType: 'text', expiresIn: 'whole', additionalInfo: 'text' },
  token_b2b2c: {
    accessToken: 'text',
    tokenType: 'text',
    accessTokenExpiryTime: 'text',
    refreshToken: 'text',
    refreshTokenExpiryTime: 'text',
    additionalInfo: 'text',
  },
  account_binding: { referenceNo: 'text', redirectUrl: 'text', additionalInfo: ACCOUNT },
  account_unbinding: { referenceNo: 'text', additionalInfo: 'object' },
  card_registration: { referenceNo: 'text', redirectUrl: 'text', additionalInfo: ACCOUNT },
  card_unbinding: { referenceNo: 'text', redirectUrl: 'text' },
  payment: { webRedirectUrl: 'text', partnerReferenceNo: 'text', referenceNo: 'text' },
  payment_jump_app: {
    webRedirectUrl: 'text',
    partnerReferenceNo: 'text',
    referenceNo: 'text',
    additionalInfo: { webRedirectUrl: 'text' },
  },
  balance_inquiry: {
    accountInfos: [{ balanceType: 'text', amount: AMOUNT, flatAmount: AMOUNT, holdAmount: AMOUNT }],
  },
  refund: {
    refundAmount: AMOUNT,
    originalPartnerReferenceNo: 'text',
    originalReferenceNo: 'text',
    refundNo: 'text',
    partnerRefundNo: 'text',
    refundTime: 'text',
  },
  check_status: {
    serviceCode: 'text',
    latestTransactionStatus: 'text',
    additionalInfo: { channel: 'text', deviceId: 'text', acquirer: 'object' },
    originalReferenceNo: 'text',
    originalPartnerReferenceNo: 'text',
    approvalCode: 'text',
    originalExternalId: 'text',
    transactionStatusDesc: 'text',
    originalResponseCode: 'text',
    originalResponseMessage: 'text',
    sessionId: 'text',
    requestID: 'text',
    refundNo: 'text',
    partnerRefundNo: 'text',
    refundAmount: AMOUNT,
    refundStatus: 'text',
    refundDate: 'text',
    reason: 'text',
    transAmount: AMOUNT,
    feeAmount: AMOUNT,
    paidTime: 'text',
    refundHistory: [REFUND_LINE],
  },
}

/** What PHP's library takes from an accepted answer as if it were always there. */
const READ_BLINDLY: Partial<Record<Call | TokenCall, readonly string[]>> = {
  account_binding: [
    'additionalInfo.custIdMerchant',
    'additionalInfo.accountStatus',
    'additionalInfo.authCode',
  ],
  payment: ['webRedirectUrl'],
  payment_jump_app: ['webRedirectUrl'],
}

/** Reads an answer as that library does. Throws Unreadable for what it cannot read. */
export function readAs(name: Name, call: Call | TokenCall, answer: Answer): Reading {
  const body = documentOf(answer)
  const isAccepted = name === 'node' ? answer.status < 300 : String(body.responseCode).startsWith('200')
  const shape = { ...HEAD, ...MEMBERS[call] }
  checkShape(name, shape, body, '')
  if (name === 'python') refuseUnknown(shape, body)
  if (isAccepted) ACCEPTED[call]?.(name, body)
  const blind = name === 'php' && isAccepted ? (READ_BLINDLY[call] ?? []) : []
  return { isAccepted, missed: blind.filter((path) => memberAt(body, path) === undefined) }
}

function documentOf({ text, headers }: Answer): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Unreadable(`no JSON: ${text.slice(0, 80)}`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Unreadable('no object')
  if (headers['content-encoding'] !== undefined) throw new Unreadable('compressed without need')
  const { responseCode } = value as { responseCode?: unknown }
  // Go cuts the first three characters off without counting them.
  if (typeof responseCode !== 'string' || !/^\d{7}$/.test(responseCode))
    throw new Unreadable('no responseCode')
  return value as Record<string, unknown>
}

function checkShape(name: Name, shape: Shape, value: Record<string, unknown>, prefix: string): void {
  for (const [member, kind] of Object.entries(shape)) {
    const given = value[member]
    if (given === undefined || given === null) continue
    checkKind(name, kind, given, prefix + member)
  }
}

function checkKind(name: Name, kind: Kind, given: unknown, path: string): void {
  if (typeof kind === 'string') {
    if (!isKind(name, kind, given)) throw new Unreadable(`${name}: ${path} is no ${kind}`)
    return
  }
  if (Array.isArray(kind)) {
    if (!Array.isArray(given)) throw new Unreadable(`${name}: ${path} is no list`)
    for (const [at, one] of given.entries()) checkKind(name, kind[0], one, `${path}.${at}`)
    return
  }
  if (!isRecord(given)) throw new Unreadable(`${name}: ${path} is no object`)
  checkShape(name, kind as Shape, given, `${path}.`)
}

function isKind(name: Name, kind: 'text' | 'whole' | 'object', given: unknown): boolean {
  if (kind === 'object') return isRecord(given)
  // Node and Python keep what comes; they fail later, where ACCEPTED looks.
  if (name === 'node' || name === 'python') return true
  if (kind === 'whole') return Number.isInteger(given) || (name !== 'go' && /^\d+$/.test(String(given)))
  return typeof given === 'string' || (name !== 'go' && typeof given === 'number')
}

function refuseUnknown(shape: Shape, body: Record<string, unknown>): void {
  const unknown = Object.keys(body).filter((member) => !(member in shape))
  if (unknown.length > 0) throw new Unreadable(`python: unexpected keyword argument ${unknown.join()}`)
}

type Check = (name: Name, body: Record<string, unknown>) => void

const ACCEPTED: Partial<Record<Call | TokenCall, Check>> = {
  token_b2b: (name, { accessToken, expiresIn }) => {
    if (typeof accessToken !== 'string' || accessToken === '') throw new Unreadable(`${name}: no accessToken`)
    if (name === 'node' && !expiresIn) throw new Unreadable('node: Invalid token response')
    if (name === 'node' && /^\d+$/.test(accessToken))
      throw new Unreadable('node: a token of digits is always old')
    if (name === 'python' && typeof expiresIn !== 'number')
      throw new Unreadable('python: expiresIn is no number')
  },
  token_b2b2c: (name, { responseCode, accessToken, accessTokenExpiryTime }) => {
    if (typeof accessToken !== 'string' || accessToken === '') throw new Unreadable(`${name}: no accessToken`)
    if (name === 'python' && responseCode !== '2007400')
      throw new Unreadable('python: keeps no token of another code')
    if (name === 'python' && typeof accessTokenExpiryTime !== 'string')
      throw new Unreadable('python: the next payment wants the expiry time')
    if (name === 'php' && Number.isNaN(Date.parse(String(accessTokenExpiryTime))))
      throw new Unreadable('php: the expiry time is no time')
  },
  balance_inquiry: (name, { accountInfos }) => {
    if (name === 'php' && !Array.isArray(accountInfos)) throw new Unreadable('php: accountInfos is no list')
  },
  check_status: (name, { refundHistory = [] }) => {
    for (const line of name === 'php' ? (refundHistory as object[]) : [])
      for (const member of Object.keys(REFUND_LINE))
        if (!(member in line)) throw new Unreadable(`php: a refund without ${member}`)
  },
}

function memberAt(body: Record<string, unknown>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, member) => (isRecord(value) ? value[member] : undefined), body)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
