import { instantOf, readClockFile } from '@gerbang/gateway/clock'
import { type CliConfig, gatewayEnvironment } from '../config.ts'

/** Epoch milliseconds by the clock of the demo; by that of this machine where there is none. */
export function openDemoTime(config: CliConfig): () => number {
  const { GERBANG_MODE, GERBANG_CLOCK_FILE: file } = gatewayEnvironment(config)
  if (GERBANG_MODE !== 'demo' || !file) return Date.now
  return () => instantOf(readClockFile(file), Date.now())
}
