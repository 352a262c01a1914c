import { milliseconds, type Setting } from './setting.ts'

/** The patience with which the network is asked to forget a card. */
export const UNBINDING_SETTINGS = {
  unbindingEveryMs: {
    env: 'GERBANG_UNBINDING_EVERY_MS',
    ...milliseconds,
    fallback: '500',
    meaning: 'Pause between two looks for cards that the network has to forget',
  },
  unbindingBatch: {
    env: 'GERBANG_UNBINDING_BATCH',
    kind: 'integer',
    fallback: '16',
    min: 1,
    max: 1000,
    meaning: 'Unbindings about which the network is asked at the same time, per process',
  },
  unbindingTimeoutMs: {
    env: 'GERBANG_UNBINDING_TIMEOUT_MS',
    ...milliseconds,
    fallback: '10000',
    meaning: 'Limit of one call to the network about an unbinding',
  },
  unbindingFirstPauseMs: {
    env: 'GERBANG_UNBINDING_FIRST_PAUSE_MS',
    ...milliseconds,
    fallback: '1000',
    meaning: 'Pause after the first call that brought no clear word; the next ones are longer',
  },
  unbindingLongestPauseMs: {
    env: 'GERBANG_UNBINDING_LONGEST_PAUSE_MS',
    ...milliseconds,
    fallback: '900000',
    meaning: 'Longest pause between two calls about an unbinding',
  },
  unbindingGiveUpSeconds: {
    env: 'GERBANG_UNBINDING_GIVE_UP_SECONDS',
    kind: 'integer',
    fallback: '86400',
    min: 1,
    max: 2_592_000,
    meaning:
      'After so many seconds without a clear word an unbinding has failed and the card is active again; a token beside the card’s own is asked about on, and told of as an error',
  },
} as const satisfies Record<string, Setting>
