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
export {
  type NewPartner,
  openPartners,
  type PartnerChanges,
  type PartnerLine,
  type Partners,
} from './partner/partners.ts'
export type { NotificationMode, PartnerUrl, Purpose } from './partner/recipient.ts'
export { Secret } from './secret.ts'
export { migrate, serve } from './serve.ts'
export {
  openVaultRotation,
  type RotationOptions,
  type RotationOutcome,
  type RotationProgress,
  type VaultRotation,
} from './vault-rotation/vault-rotation.ts'
