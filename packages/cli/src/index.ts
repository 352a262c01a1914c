export {
  type CliConfig,
  DEMO_PARTNER_FILE,
  type Environment,
  GATEWAY_ENV_FILE,
  readCliConfig,
} from './config.ts'
export type { Credentials } from './credentials.ts'
