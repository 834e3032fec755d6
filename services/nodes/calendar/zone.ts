import { IANAZone } from 'luxon'
import { dayMs } from './rules.ts'

/** Offsets change at quarters of an hour only. */
const quarterMs = 900_000
const rememberedQuarters = 20_000

/**
 * The clock of a time zone. A wall time is written as the milliseconds at which a clock in UTC would show it; an instant is milliseconds since the epoch.
 */
export interface Zone {
  /** Wall time minus instant. */
  offset(instant: number): number
  /** Instants at which the clock shows `wall`, ascending: two where the clock was set back, none where it was set forward. */
  instants(wall: number): readonly number[]
  /** First instant in (after, until] with another offset than at `after`; there must be one. */
  changeIn(after: number, until: number): number
}

export const isZone = (name: string): boolean => IANAZone.isValidZone(name)

const zones = new Map<string, Zone>()

/** @param name IANA, checked by `isZone` */
export const zoneOf = (name: string): Zone => {
  const known = zones.get(name) ?? openZone(name)
  zones.set(name, known)
  return known
}

const openZone = (name: string): Zone => {
  const zone = IANAZone.create(name)
  const remembered = new Map<number, number>()

  const offset = (instant: number): number => {
    const quarter = Math.floor(instant / quarterMs)
    const known = remembered.get(quarter)
    if (known !== undefined) return known
    if (remembered.size >= rememberedQuarters) remembered.clear()
    const found = Math.round(zone.offset(quarter * quarterMs) * 60_000)
    remembered.set(quarter, found)
    return found
  }
  const instants = (wall: number): readonly number[] => {
    const [before, after] = [offset(wall - dayMs), offset(wall + dayMs)]
    if (before === after) return [wall - before]
    return [wall - before, wall - after].filter((instant) => instant + offset(instant) === wall).sort((a, b) => a - b)
  }
  const changeIn = (after: number, until: number): number => {
    const old = offset(after)
    let [low, high] = [Math.floor(after / quarterMs), Math.floor(until / quarterMs)]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (offset(middle * quarterMs) === old) low = middle
      else high = middle
    }
    return high * quarterMs
  }
  return { offset, instants, changeIn }
}
