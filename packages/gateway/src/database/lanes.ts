import { Lane, type LaneOptions } from './lane.ts'

export interface Lanes {
  /** The next lane in turn. */
  pick(): Lane
  close(): Promise<void>
}

/** Several lanes, used in turn. Both money statements may go out on any of them. */
export function openLanes(count: number, options: LaneOptions): Lanes {
  const lanes = Array.from({ length: count }, () => new Lane(options)) as [Lane, ...Lane[]]
  let turn = 0
  return {
    pick: () => lanes[turn++ % lanes.length] ?? lanes[0],
    async close() {
      await Promise.all(lanes.map((lane) => lane.close()))
    },
  }
}
