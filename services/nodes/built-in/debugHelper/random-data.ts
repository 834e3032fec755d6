import { createHash } from 'node:crypto'
import type { JsonObject } from '@weconnect/contracts/json'

/** Whole numbers from 0 up to but not including `below`. */
export type Dice = (below: number) => number

/** Numbers that follow from the seed alone: SHA-256 of seed and count. */
export const seededDice = (seed: string): Dice => {
  let count = 0
  return (below) => createHash('sha256').update(`${seed}/${count++}`).digest().readUInt32LE(0) % below
}

export interface NanoIdWish {
  readonly alphabet: string
  readonly length: number
}
type Kind = (dice: Dice, nanoId: NanoIdWish) => JsonObject

const firstNames = ['Ada', 'Alan', 'Barbara', 'Dennis', 'Edsger', 'Frances', 'Grace', 'John', 'Katherine', 'Ken', 'Margaret', 'Radia']
const lastNames = ['Allen', 'Dijkstra', 'Hamilton', 'Hopper', 'Johnson', 'Liskov', 'Lovelace', 'McCarthy', 'Perlman', 'Ritchie', 'Turing']
const streets = ['Birch Road', 'Cedar Lane', 'Garden Street', 'Harbour View', 'Hill Street', 'Mill Lane', 'Park Avenue', 'Station Road']
const cities = ['Bern', 'Cork', 'Ghent', 'Graz', 'Kyoto', 'Lyon', 'Porto', 'Quito', 'Turku', 'York']
const countries = ['AT', 'BE', 'CH', 'EC', 'FI', 'FR', 'GB', 'IE', 'JP', 'PT']
const letters = 'abcdefghijklmnopqrstuvwxyz'
const marks = `${letters}${letters.toUpperCase()}0123456789!$%+-.=?~`

const pick = <Value>(dice: Dice, values: ArrayLike<Value>): Value => values[dice(values.length)]!
const many = (count: number, one: () => string): string => Array.from({ length: count }, one).join('')
const digits = (dice: Dice, count: number): string => many(count, () => String(dice(10)))
const hex = (dice: Dice, count: number): string => many(count, () => dice(16).toString(16))
const word = (dice: Dice): string => many(4 + dice(6), () => pick(dice, letters))
const email = (dice: Dice): string => `${pick(dice, firstNames)}.${pick(dice, lastNames)}${dice(100)}@example.com`.toLowerCase()
const uuid = (dice: Dice): string =>
  `${hex(dice, 8)}-${hex(dice, 4)}-4${hex(dice, 3)}-${pick(dice, '89ab')}${hex(dice, 3)}-${hex(dice, 12)}`
const degrees = (dice: Dice, most: number): string => ((dice(most * 2_000_000) - most * 1_000_000) / 1_000_000).toString()

/** What random data there is, by the name of its kind. Names under example.com reach nobody. */
export const randomKinds: Readonly<Record<string, Kind>> = {
  address: (dice) => ({
    street: `${1 + dice(200)} ${pick(dice, streets)}`,
    cityName: pick(dice, cities),
    zipCode: digits(dice, 5),
    country: pick(dice, countries),
  }),
  latLong: (dice) => ({ latitude: degrees(dice, 90), longitude: degrees(dice, 180) }),
  creditCard: (dice) => ({ type: pick(dice, ['Mastercard', 'Visa']), number: `4${digits(dice, 15)}`, ccv: digits(dice, 3) }),
  email: (dice) => ({ email: email(dice), confirmed: dice(2) === 1 }),
  ipv4: (dice) => ({ ip: `192.0.2.${dice(256)}` }),
  ipv6: (dice) => ({ ipv6: `2001:db8:${Array.from({ length: 6 }, () => hex(dice, 4)).join(':')}` }),
  macAddress: (dice) => ({ mac: `02:${Array.from({ length: 5 }, () => hex(dice, 2)).join(':')}` }),
  nanoid: (dice, { alphabet, length }) => ({ nanoId: many(length, () => pick(dice, alphabet)) }),
  url: (dice) => ({ url: `https://${word(dice)}.example.com` }),
  user: (dice) => ({
    uid: uuid(dice),
    email: email(dice),
    firstname: pick(dice, firstNames),
    lastname: pick(dice, lastNames),
    password: many(8, () => pick(dice, marks)),
  }),
  uuid: (dice) => ({ uuid: uuid(dice) }),
  semver: (dice) => ({ semver: `${dice(10)}.${dice(20)}.${dice(50)}` }),
}
