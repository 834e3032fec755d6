import { expect, test } from 'vitest'
import { namesIn } from './answers.ts'

test.each([
  [`$('Orders').all()`, ['Orders']],
  [`$("It's").first(); $items("A B")`, ["It's", 'A B']],
  ['$(`Template`).item', ['Template']],
  [`$node["Get data"].json.x + $node.Set.json.y`, ['Get data', 'Set']],
  [`$('A').item; $('A').all()`, ['A']],
  [`$(name).all()`, []],
  [`$input.all(); $json.a`, []],
])('names in %s', (code, names) => expect(namesIn(code)).toEqual(names))
