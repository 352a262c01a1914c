import { type Static, Type } from 'typebox'
import { anyCase, reply } from './shapes.ts'

export const AccessTokenB2b = {
  operation: 'access-token-b2b',
  path: '/authorization/v1/access-token/b2b',
  method: 'POST',
  body: Type.Object({
    grantType: anyCase('client_credentials'),
    additionalInfo: Type.Optional(Type.Unknown({ description: 'Ignored: clients send any type here.' })),
  }),
  reply: reply({
    accessToken: Type.Optional(Type.String({ maxLength: 2048 })),
    tokenType: Type.Optional(Type.Literal('Bearer')),
    expiresIn: Type.Optional(Type.Integer({ description: 'Seconds; a number, never a string.' })),
    additionalInfo: Type.Optional(Type.Literal('', { description: 'The empty string, never an object.' })),
  }),
} as const

export type AccessTokenB2bBody = Static<typeof AccessTokenB2b.body>
export type AccessTokenB2bReply = Static<typeof AccessTokenB2b.reply>
