import type { Setting } from './setting.ts'

/** Keeping cards: how long the cardholder and the network have. */
export const BINDING_SETTINGS = {
  bindingSeconds: {
    env: 'GERBANG_BINDING_SECONDS',
    kind: 'integer',
    fallback: '900',
    min: 60,
    max: 86_400,
    meaning: 'How long a cardholder has to confirm that a card is kept, from the last code on, in seconds',
  },
  bindingLongestSeconds: {
    env: 'GERBANG_BINDING_LONGEST_SECONDS',
    kind: 'integer',
    fallback: '3600',
    min: 60,
    max: 86_400,
    meaning: 'How long a binding may stay open, however often its cardholder asks for more time, in seconds',
  },
  otpResendSeconds: {
    env: 'GERBANG_OTP_RESEND_SECONDS',
    kind: 'integer',
    fallback: '60',
    min: 0,
    max: 3_600,
    meaning: 'How long after one code the next may be asked for, in seconds',
  },
  bindingGiveUpSeconds: {
    env: 'GERBANG_BINDING_GIVE_UP_SECONDS',
    kind: 'integer',
    fallback: '86400',
    min: 60,
    max: 2_592_000,
    meaning: 'How long the network may keep silent about a binding before it counts as expired, in seconds',
  },
} as const satisfies Record<string, Setting>
