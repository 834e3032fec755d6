import { expect, test } from 'vitest'
import { importsOf } from './imports.ts'
import { roomCircles, roomProblems } from './rooms.ts'

const folder = 'services/executions'
const importing = (file: string, text: string) => importsOf(`${folder}/${file}`, text)
const forth = importing('run/a.ts', `import { b } from '../step/b.ts'`)

test('rooms that use each other are named', () => {
  expect(roomCircles([...forth, ...importing('step/b.ts', `import { a } from '../run/a.ts'`)], folder)).toEqual([
    'services/executions: rooms use each other: run -> step -> run',
  ])
})

test.each([
  ['a type', 'step/b.ts', `import type { A } from '../run/a.ts'`],
  ['a test', 'step/b.test.ts', `import { a } from '../run/a.ts'`],
  ['a file of the same room', 'step/b.ts', `import { c } from './c.ts'`],
  ['a file at the top', 'step/b.ts', `import { top } from '../top.ts'`],
])('%s makes no circle', (_, file, text) => expect(roomCircles([...forth, ...importing(file, text)], folder)).toEqual([]))

test('the README tells of the rooms that are there', () => {
  const files = [`${folder}/top.ts`, `${folder}/run/a.ts`, `${folder}/step/b.ts`]
  expect(roomProblems(files, folder, '| `run` | x |\n| `step` | y |')).toEqual([])
  expect(roomProblems(files, folder, '| `run` | x |\n| `gone` | y |')).toEqual([
    'services/executions/README.md does not say what is in step',
    'services/executions/README.md tells of gone, which is not there',
  ])
})
