import { describe, expect, test } from 'vitest'
import { splitTemplate } from '../template.ts'
import { resultOf } from './scope.ts'

describe('texts', () => {
  test('without a leading = are literals', () => expect(resultOf('{{ 1 }}')).toBe('{{ 1 }}'))
  test('with = and no block lose the =', () => expect(resultOf('=TRUE')).toBe('TRUE'))
  test('a lone block keeps its type', () => {
    expect(resultOf('={{ [1, 2] }}')).toEqual([1, 2])
    expect(resultOf('={{ null }}')).toBeNull()
    expect(resultOf('={{ undefined }}')).toBeUndefined()
  })
  test('blocks among words become text', () =>
    expect(resultOf('=a {{ null }}|{{ undefined }}|{{ [1, [2, null]] }}|{{ ({}) }}|{{ true }}')).toBe('a ||1,2,|[object Object]|true'))
  test('a space around a lone block makes it text', () => expect(resultOf('= {{ 1 }}')).toBe(' 1'))
  test('a DateTime among words is ISO', () => expect(resultOf('=at {{ $now }}')).toBe('at 2024-03-30T19:49:05.123+01:00'))
})

describe('blocks', () => {
  test('end at the first }} even inside an object', () => expect(() => resultOf('={{ {a: {b: 1}} }}')).toThrow('invalid syntax'))
  test('go on after an escaped }}', () => expect(resultOf("={{ 'a\\}}b' }}")).toBe('a}}b'))
  test('that are not closed are words', () => expect(resultOf('=a {{ b')).toBe('a {{ b'))
  test('may be escaped', () => expect(resultOf('=\\{{ 1 }}')).toBe('{{ 1 }}'))
  test('may be empty', () => expect(resultOf('=[{{ }}]')).toBe('[]'))
  test('know where they are', () =>
    expect(splitTemplate('ab{{ x }}', 1)).toEqual([
      { kind: 'text', text: 'ab' },
      { kind: 'code', code: ' x ', position: 5 },
    ]))
})
