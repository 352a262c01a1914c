import { type Static, Type } from 'typebox'
import { anyCase, printable, reply } from './shapes.ts'

/** A customer's token, for the code of a binding or for an earlier refresh token. */
export const AccessTokenB2b2c = {
  operation: 'access-token-b2b2c',
  path: '/authorization/v1/access-token/b2b2c',
  aliases: ['/api/v1/access-token/b2b2c'],
  method: 'POST',
  body: Type.Object({
    grantType: Type.Union([anyCase('authorization_code'), anyCase('refresh_token')]),
    authCode: Type.Optional(printable(256)),
    refreshToken: Type.Optional(printable(2048)),
    additionalInfo: Type.Optional(Type.Unknown({ description: 'Ignored.' })),
  }),
  reply: reply({
    accessToken: Type.Optional(Type.String({ maxLength: 2048 })),
    tokenType: Type.Optional(Type.Literal('Bearer')),
    accessTokenExpiryTime: Type.Optional(Type.String({ description: 'ISO 8601.' })),
    refreshToken: Type.Optional(Type.String({ maxLength: 2048 })),
    refreshTokenExpiryTime: Type.Optional(Type.String({ description: 'ISO 8601.' })),
  }),
} as const

export type AccessTokenB2b2cBody = Static<typeof AccessTokenB2b2c.body>
export type AccessTokenB2b2cReply = Static<typeof AccessTokenB2b2c.reply>
