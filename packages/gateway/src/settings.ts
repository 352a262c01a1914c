import { ADMINISTRATION_SETTINGS } from './settings/administration.ts'
import { BINDING_SETTINGS } from './settings/binding.ts'
import { CHANNEL_SETTINGS } from './settings/channel.ts'
import { CUSTOMER_TOKEN_SETTINGS } from './settings/customer-token.ts'
import { DEBIT_SETTINGS } from './settings/debit.ts'
import { NOTIFICATION_SETTINGS } from './settings/notification.ts'
import { PAYMENT_SETTINGS } from './settings/payment.ts'
import { PROCESS_SETTINGS } from './settings/process.ts'
import { REFUND_SETTINGS } from './settings/refund.ts'
import type { Setting } from './settings/setting.ts'
import { UNBINDING_SETTINGS } from './settings/unbinding.ts'

export type { Setting } from './settings/setting.ts'

/** Every setting: name, kind, default, meaning. The reference page is printed from this table. */
export const SETTINGS = {
  ...PROCESS_SETTINGS,
  ...PAYMENT_SETTINGS,
  ...DEBIT_SETTINGS,
  ...CHANNEL_SETTINGS,
  ...CUSTOMER_TOKEN_SETTINGS,
  ...UNBINDING_SETTINGS,
  ...REFUND_SETTINGS,
  ...BINDING_SETTINGS,
  ...NOTIFICATION_SETTINGS,
  ...ADMINISTRATION_SETTINGS,
} as const satisfies Record<string, Setting>

export type SettingName = keyof typeof SETTINGS
