import type { SimulatorOptions } from './simulator.ts'

/**
 * Reads SIMULATOR_HOST, SIMULATOR_PORT, SIMULATOR_DIRECTORY, SIMULATOR_NETWORK_KEY and SIMULATOR_PUBLIC_URL.
 * @throws Error naming every fault at once
 */
export function readSimulatorConfig(env: Readonly<Record<string, string | undefined>>): SimulatorOptions {
  const faults: string[] = []
  const port = Number(env.SIMULATOR_PORT || '4020')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) faults.push('SIMULATOR_PORT is no port number')
  const networkKey = env.SIMULATOR_NETWORK_KEY
  if (networkKey && !/^[\x21-\x7e]+$/.test(networkKey)) {
    faults.push('SIMULATOR_NETWORK_KEY must be printable ASCII without spaces')
  }
  const publicUrl = env.SIMULATOR_PUBLIC_URL
  if (publicUrl && !(URL.canParse(publicUrl) && /^https?:/.test(publicUrl))) {
    faults.push('SIMULATOR_PUBLIC_URL is not an http or https URL')
  }
  if (faults.length > 0) throw new Error(`Configuration:\n  ${faults.join('\n  ')}`)
  return {
    host: env.SIMULATOR_HOST || '127.0.0.1',
    port,
    directory: env.SIMULATOR_DIRECTORY || '.gerbang/simulator',
    ...(networkKey ? { networkKey } : {}),
    ...(publicUrl ? { publicUrl } : {}),
  }
}

/** The environment of this process. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env
}
