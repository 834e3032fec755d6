import { expect, test } from 'vitest'
import { isRecent } from './go.ts'

test.each([
  ['go1.19.8', false],
  ['go1.23.4\n', false],
  ['go1.24', true],
  ['go1.26.8', true],
  ['go2.0.1', true],
  ['devel', false],
])('%j builds the engines: %s', (version, expected) => {
  expect(isRecent(version)).toBe(expected)
})
