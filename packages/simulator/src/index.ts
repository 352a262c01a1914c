export { readSimulatorConfig } from './config.ts'
export {
  MAGIC,
  type MagicRow,
  type OneTimePasswordRow,
  type OneTimeTokenRow,
  OTP_BEHAVIOURS,
  OTT_BEHAVIOURS,
} from './magic.ts'
export type { Log } from './network.ts'
export { OPENAPI } from './openapi.ts'
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts'
