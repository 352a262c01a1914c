import { startSimulator } from '@gerbang/simulator'

const [directory = '', networkKey = ''] = process.argv.slice(2)
const simulator = await startSimulator({ port: 0, directory, networkKey })

async function stop() {
  await simulator.close()
  process.exit()
}
process.once('SIGTERM', stop)
process.once('disconnect', stop)
process.send?.({ ready: true, url: simulator.url })
