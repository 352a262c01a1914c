import { environment, readSimulatorConfig } from './config.ts'
import { startSimulator } from './simulator.ts'

/** The simulator as a process of its own; tells a parent when it listens, and stops with it. */
const simulator = await startSimulator({
  ...readSimulatorConfig(environment()),
  log: {
    debug() {},
    info() {},
    error: (fields, message) => void process.stderr.write(`${JSON.stringify({ ...fields, message })}\n`),
  },
})
process.stdout.write(`${JSON.stringify({ ready: true, url: simulator.url })}\n`)
process.send?.({ ready: true, url: simulator.url })

let isStopping = false
async function stop() {
  if (isStopping) return
  isStopping = true
  await simulator.close()
  process.exit()
}

process.on('SIGINT', stop)
process.on('SIGTERM', stop)
process.on('disconnect', stop)
