import { Type } from 'typebox'
import { type AdminOperation, operation, PARTNER_PATH, Profile, State, shape } from './operation.ts'

const MOST = 100

const limit = { pattern: '^[1-9][0-9]?$|^100$', description: `1 to ${MOST}; ${MOST} when absent` }

const Line = shape({
  partnerId: Type.String(),
  name: Type.String(),
  profile: Profile,
  state: State,
  createdAt: Type.String({ description: 'ISO 8601' }),
})

const Entry = shape({
  entryNo: Type.String(),
  at: Type.String({ description: 'ISO 8601' }),
  who: Type.String({ description: 'The name of an admin key, or `cli:` and who ran the command' }),
  action: Type.String(),
  before: Type.Record(Type.String(), Type.Unknown(), { description: 'The members that changed' }),
  after: Type.Record(Type.String(), Type.Unknown()),
})

const Channel = shape({
  name: Type.String({ description: 'The canonical `additionalInfo.channel`' }),
  title: Type.String(),
  isOpen: Type.Boolean({ description: 'Whether this gateway has it: GERBANG_CHANNELS' }),
})

const mostOf = (text: string | undefined): number => Number(text ?? MOST)

/** Present where there may be more. */
function nextOf<Row>(rows: readonly Row[], most: number, place: (row: Row) => string) {
  const last = rows.length === most ? rows.at(-1) : undefined
  return last === undefined ? {} : { next: place(last) }
}

/** What is only read. */
export const LIST_OPERATIONS: readonly AdminOperation[] = [
  operation({
    id: 'listPartners',
    method: 'GET',
    path: '/admin/v1/partners',
    summary: 'All partners, oldest first',
    query: {
      after: { pattern: '^[A-Za-z0-9._-]{1,64}$', description: 'The `next` of the page before' },
      limit,
    },
    example: {
      reply: {
        partners: [
          {
            partnerId: 'BRN-0042-1795341456931',
            name: 'Toko Buku',
            profile: 'doku',
            state: 'active',
            createdAt: '2026-11-21T04:17:36.931Z',
          },
        ],
      },
    },
    reply: shape({ partners: Type.Array(Line), next: Type.Optional(Type.String()) }),
    refusals: ['invalid'],
    async handle({ administration }, { query }) {
      const most = mostOf(query.limit)
      const rows = await administration.list({ after: query.after, most })
      const partners = rows.map(({ partner_id, name, profile, state, created_at }) => ({
        partnerId: partner_id,
        name,
        profile,
        state,
        createdAt: created_at.toISOString(),
      }))
      return { body: { partners, ...nextOf(partners, most, ({ partnerId }) => partnerId) } }
    },
  }),
  operation({
    id: 'listAudit',
    method: 'GET',
    path: `${PARTNER_PATH}/audit`,
    summary: 'Who changed what of a partner, newest first',
    description: 'Written in the same commit as the change. Entries are never changed and never removed.',
    query: { before: { pattern: '^[0-9]{1,18}$', description: 'The `next` of the page before' }, limit },
    example: {
      reply: {
        entries: [
          {
            entryNo: '12',
            at: '2026-11-21T05:00:00.000Z',
            who: 'operations',
            action: 'changed',
            before: { state: 'active' },
            after: { state: 'suspended' },
          },
        ],
      },
    },
    reply: shape({ entries: Type.Array(Entry), next: Type.Optional(Type.String()) }),
    refusals: ['invalid', 'unknown'],
    async handle({ administration }, { params, query }) {
      const most = mostOf(query.limit)
      const entries = await administration.audit(params.partnerId ?? '', { before: query.before, most })
      return { body: { entries, ...nextOf(entries, most, ({ entryNo }) => entryNo) } }
    },
  }),
  operation({
    id: 'listChannels',
    method: 'GET',
    path: '/admin/v1/channels',
    summary: 'The channels that there are',
    example: {
      reply: {
        channels: [{ name: 'KARTU_KREDIT_INDONESIA_SNAP', title: 'Kartu Kredit Indonesia', isOpen: true }],
      },
    },
    reply: shape({ channels: Type.Array(Channel) }),
    refusals: [],
    handle: async ({ channels }) => ({ body: { channels } }),
  }),
]
