import { readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { openCleanup } from './cleanup.ts'
import { type Options, readOptions, USAGE } from './config.ts'
import { checkAgreement } from './consistency.ts'
import { studyDebit } from './debit.ts'
import { type Disk, measureFlush, openDisk } from './disk.ts'
import { studyGrowth } from './growth.ts'
import { studyNotifications } from './notifications.ts'
import { residentBytes } from './proc.ts'
import { printAgreement, printRounds, printTargets, summaryOf } from './report.ts'
import { openRounds, type Round } from './round.ts'
import { openStage, type Stage } from './stage.ts'
import { figure } from './table.ts'
import { recordTemplate } from './template.ts'
import { studyVariants } from './variants.ts'

const INTERRUPTED = 130
const BARE_PREFIX = '10000000000000000001'

const cleanup = openCleanup()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => void cleanup.run().then(() => process.exit(INTERRUPTED)))

try {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) console.log(USAGE)
  else process.exitCode = await bench(options)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
} finally {
  await cleanup.run()
}

/** Measures, prints, checks; 0 when every answered payment was found where it belongs. */
async function bench(options: Options): Promise<number> {
  const disk = await openDisk()
  cleanup.add(disk.remove)
  const flushMicroseconds = measureFlush(disk.directory)
  const stage = await openStage(options, disk, cleanup)
  printSetting({ options, disk, stage, flushMicroseconds })
  if (options.sql !== undefined) await stage.database.query(await readFile(options.sql, 'utf8'))
  const rounds = openRounds(stage, options, await recordTemplate(stage.barePartnerId, BARE_PREFIX))

  const measured: Round[] = []
  if (options.notifications) await studyNotifications(stage, rounds, options)
  else {
    for (let count = 0; count < options.rounds; count++)
      measured.push(await rounds.measureAll(options.connections))
    printRounds(measured, {
      gatewayBytes: residentBytes(stage.gateway.pid),
      postgresBytes: residentBytes(stage.postgresPid),
    })
    printTargets(measured)
  }
  if (options.growth) await studyGrowth(stage, rounds, options)
  if (options.variants) await studyVariants(stage, rounds, options)
  if (options.variants) await studyDebit(stage, rounds, options)

  const agreement = await checkAgreement(stage)
  printAgreement(agreement)
  const isValid = agreement.faults.length === 0
  await cleanup.run()
  if (options.json && measured.length > 0)
    console.log(JSON.stringify(summaryOf(measured, flushMicroseconds, options, isValid)))
  return isValid ? 0 : 1
}

function printSetting(setting: {
  options: Options
  disk: Disk
  stage: Stage
  flushMicroseconds: number
}): void {
  const { options, disk, stage, flushMicroseconds } = setting
  console.log(
    [
      `machine     ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}, Node ${process.versions.node}`,
      `disk        ${disk.fileSystem}, ${figure(flushMicroseconds, 0)} µs to write and flush 8 KiB`,
      `PostgreSQL  ${stage.postgresWords}`,
      `gateway     ${options.workers} processes, log level info into a file`,
      'network     the simulator, no added latency, no faults',
      `load        ${options.connections} connections, one request in flight on each, ${options.rounds} rounds of ${options.seconds} s`,
    ].join('\n'),
  )
}
