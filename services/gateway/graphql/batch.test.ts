import { expect, test } from 'vitest'
import { batched } from './batch.ts'

const recorded = () => {
  const calls: (readonly string[])[] = []
  const load = batched(async (keys) => {
    calls.push(keys)
    return keys.map((key) => key.toUpperCase())
  })
  return { calls, load }
}

test('what is asked for in one turn is loaded together, each key once', async () => {
  const { calls, load } = recorded()
  expect(await Promise.all(['a', 'b', 'a', 'c'].map(load))).toEqual(['A', 'B', 'A', 'C'])
  expect(calls).toEqual([['a', 'b', 'c']])
})

test('also what is asked for a few promises later', async () => {
  const { calls, load } = recorded()
  const later = async (key: string) => {
    await Promise.resolve()
    return load(key)
  }
  await Promise.all([load('a'), later('b')])
  expect(calls).toEqual([['a', 'b']])
})

test('the next turn makes its own batch and remembers the last', async () => {
  const { calls, load } = recorded()
  await load('a')
  await Promise.all([load('a'), load('b')])
  expect(calls).toEqual([['a'], ['b']])
})

test('a batch that fails fails for each, and the next one is tried', async () => {
  let calls = 0
  const load = batched(async (keys) => {
    calls += 1
    if (calls === 1) throw new Error('away')
    return keys
  })
  const answers = await Promise.allSettled([load('a'), load('b')])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await load('c')).toBe('c')
})
