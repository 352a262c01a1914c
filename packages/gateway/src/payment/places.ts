import { SnapError } from '@gerbang/snap'

/** How many payments of one partner may be under way, so that one partner's slow issuer leaves room for the others. */
export interface Places {
  /** Runs the work, or throws SnapError `tooManyRequests` before anything is done. */
  hold<Result>(partnerId: string, work: () => Promise<Result>): Promise<Result>
}

export function openPlaces(most: number): Places {
  const taken = new Map<string, number>()

  function give(partnerId: string): void {
    const left = (taken.get(partnerId) ?? 1) - 1
    if (left > 0) taken.set(partnerId, left)
    else taken.delete(partnerId)
  }

  return {
    async hold(partnerId, work) {
      const held = taken.get(partnerId) ?? 0
      if (held >= most) throw new SnapError('tooManyRequests')
      taken.set(partnerId, held + 1)
      try {
        return await work()
      } finally {
        give(partnerId)
      }
    },
  }
}
