import {
  type HeaderFault,
  type HeaderName,
  type HeaderValues,
  readTokenHeaders,
  readTransactionHeaders,
  SnapError,
  type TokenHeaders,
  type TransactionHeaders,
} from '@gerbang/snap'
import type { FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import { refuseDoubledHeaders } from './doubled-headers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    transactionHeaders: TransactionHeaders
    tokenHeaders: TokenHeaders
  }
}

/** Hooks that run before a byte of the body is read: who lacks a header is refused whatever else was to come. */
export function readTransactionFirst(besides: readonly HeaderName[] = []) {
  const read = (headers: HeaderValues) => readTransactionHeaders(headers, besides)
  return (request: FastifyRequest, _reply: unknown, done: HookHandlerDoneFunction): void => {
    request.transactionHeaders = soundHeaders(request, read)
    done()
  }
}

export function readTokenFirst(
  request: FastifyRequest,
  _reply: unknown,
  done: HookHandlerDoneFunction,
): void {
  request.tokenHeaders = soundHeaders(request, readTokenHeaders)
  done()
}

function soundHeaders<Headers extends object>(
  request: FastifyRequest,
  read: (headers: HeaderValues) => Headers | HeaderFault,
): Headers {
  refuseDoubledHeaders(request.raw.rawHeaders)
  const headers = read(request.headers)
  if ('outcome' in headers) throw new SnapError(headers.outcome, { detail: headers.detail })
  return headers
}
