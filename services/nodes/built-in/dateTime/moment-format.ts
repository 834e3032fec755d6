import type { DateTime } from 'luxon'

/** The format tokens of version 1, which are those of Moment.js: written with luxon's, or by a function. */
const written: Readonly<Record<string, string | ((date: DateTime) => string)>> = {
  YYYY: 'yyyy',
  YY: 'yy',
  Q: 'q',
  MMMM: 'LLLL',
  MMM: 'LLL',
  MM: 'LL',
  M: 'L',
  Do: (date) => `${date.day}${ordinal(date.day)}`,
  DDDD: 'ooo',
  DDD: 'o',
  DD: 'dd',
  D: 'd',
  dddd: 'cccc',
  ddd: 'ccc',
  dd: (date) => date.toFormat('ccc').slice(0, 2),
  d: (date) => String(date.weekday % 7),
  E: 'c',
  e: (date) => String(date.weekday % 7),
  WW: 'WW',
  W: 'W',
  ww: 'nn',
  w: 'n',
  GGGG: 'kkkk',
  GG: 'kk',
  gggg: 'iiii',
  gg: 'ii',
  HH: 'HH',
  H: 'H',
  hh: 'hh',
  h: 'h',
  kk: (date) => String(date.hour === 0 ? 24 : date.hour).padStart(2, '0'),
  k: (date) => String(date.hour === 0 ? 24 : date.hour),
  mm: 'mm',
  m: 'm',
  ss: 'ss',
  s: 's',
  SSS: 'SSS',
  SS: (date) => String(date.millisecond).padStart(3, '0').slice(0, 2),
  S: (date) => String(Math.floor(date.millisecond / 100)),
  A: 'a',
  a: (date) => date.toFormat('a').toLowerCase(),
  ZZ: 'ZZZ',
  Z: 'ZZ',
  zz: 'ZZZZ',
  z: 'ZZZZ',
  X: 'X',
  x: 'x',
  LTS: 'h:mm:ss a',
  LT: 'h:mm a',
  LLLL: 'cccc, LLLL d, yyyy h:mm a',
  LLL: 'LLLL d, yyyy h:mm a',
  LL: 'LLLL d, yyyy',
  L: 'LL/dd/yyyy',
  llll: 'ccc, LLL d, yyyy h:mm a',
  lll: 'LLL d, yyyy h:mm a',
  ll: 'LLL d, yyyy',
  l: 'L/d/yyyy',
}

const ordinal = (day: number): string => {
  if (day >= 11 && day <= 13) return 'th'
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'
}

/** A token, `[text]` as it is, or any other character. */
export const momentPieces = new RegExp(
  `\\[([^\\]]*)\\]|(${Object.keys(written)
    .sort((a, b) => b.length - a.length)
    .join('|')})|([^])`,
  'g',
)

/** @param format in the tokens of Moment.js, such as `YYYY-MM-DD` */
export const formatAsMoment = (date: DateTime, format: string): string =>
  format.slice(0, 200).replaceAll(momentPieces, (_all, quoted?: string, token?: string, other = '') => {
    if (token === undefined) return quoted ?? other
    const how = written[token]!
    return typeof how === 'string' ? date.toFormat(how, { locale: 'en-US' }) : how(date)
  })
