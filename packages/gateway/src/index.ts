export { type Config, readConfig } from './config.ts'
export { type Gateway, openGateway, type Seams } from './gateway.ts'
export {
  type ListedNotification,
  type NotificationAttempt,
  type NotificationFilter,
  type Notifications,
  openNotifications,
  type ResendAnswer,
} from './notification/notifications.ts'
export type { NewPartner, Rotated } from './partner/administration/administration.ts'
export type { PartnerChanges } from './partner/administration/changes.ts'
export type {
  NotificationCustomerToken,
  NotificationMode,
  PartnerUrl,
  Purpose,
} from './partner/recipient.ts'
export { ChangeRefused } from './partner/refused.ts'
export type { KeyView, PartnerView } from './partner/view.ts'
export { openPartners, type PartnerLine, type Partners } from './partners.ts'
export { Secret } from './secret.ts'
export { migrate, serve } from './serve.ts'
export {
  openVaultRotation,
  type RotationOptions,
  type RotationOutcome,
  type RotationProgress,
  type VaultRotation,
} from './vault-rotation/vault-rotation.ts'
