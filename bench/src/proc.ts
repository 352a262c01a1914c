import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10
const COUNTERS = { user: 11, system: 12, reapedUser: 13, reapedSystem: 14 } as const

interface Process {
  readonly pid: number
  readonly parent: number
  readonly cpuMs: number
}

export interface CpuSample {
  /** Milliseconds of CPU of each process named, with all it has started, living or reaped. */
  readonly parts: Readonly<Record<string, number>>
  /** Milliseconds that all cores of the machine were busy, whoever with. */
  readonly machineMs: number
  readonly at: number
}

/** CPU so far of the process trees named by their roots. Nothing is known of them elsewhere than on Linux. */
export function sampleCpu(roots: Readonly<Record<string, number | undefined>>): CpuSample {
  const processes = listProcesses()
  const parts: Record<string, number> = {}
  for (const [name, root] of Object.entries(roots)) {
    const tree = root === undefined ? [] : treeOf(processes, root)
    parts[name] = tree.length === 0 ? Number.NaN : tree.reduce((sum, { cpuMs }) => sum + cpuMs, 0)
  }
  return { parts, machineMs: busyMs(), at: performance.now() }
}

/** Bytes of memory of a process tree; pages that several share are counted once. */
export function residentBytes(root: number | undefined): number {
  if (root === undefined) return Number.NaN
  const sizes = treeOf(listProcesses(), root).map(({ pid }) => proportionalKb(pid))
  return sizes.length === 0 ? Number.NaN : sizes.reduce((sum, kb) => sum + kb, 0) * 1024
}

function proportionalKb(pid: number): number {
  const text = read(`/proc/${pid}/smaps_rollup`) ?? read(`/proc/${pid}/status`) ?? ''
  return Number(/^(?:Pss|VmRSS):\s+(\d+) kB/m.exec(text)?.[1] ?? 0)
}

/** The process that started this one, when it runs a program of that name; undefined on another machine. */
export function parentRunning(pid: number, program: string): number | undefined {
  const processes = listProcesses()
  const parent = processes.find((one) => one.pid === pid)?.parent
  return parent !== undefined && read(`/proc/${parent}/comm`)?.startsWith(program) ? parent : undefined
}

function treeOf(processes: readonly Process[], root: number): Process[] {
  const members = processes.filter(({ pid }) => pid === root)
  for (const member of members) members.push(...processes.filter(({ parent }) => parent === member.pid))
  return members
}

function listProcesses(): Process[] {
  const names = (() => {
    try {
      return readdirSync('/proc')
    } catch {
      return []
    }
  })()
  return names.filter((name) => /^\d+$/.test(name)).flatMap((name) => readProcess(Number(name)) ?? [])
}

/** The program's name stands in brackets and may hold anything, so fields are counted from the last one. */
function readProcess(pid: number): Process | undefined {
  const text = read(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Object.values(COUNTERS).reduce((sum, place) => sum + Number(fields[place]), 0)
  return { pid, parent: Number(fields[1]), cpuMs: ticks * TICK_MS }
}

function busyMs(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
