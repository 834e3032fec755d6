import { itemsOf, runNode } from '@weconnect/testing/node-harness'
import { expect, test } from 'vitest'
import { htmlExtract } from './node.ts'

test('reads values out of HTML; one item for each text of a list', async () => {
  const { outputs } = await runNode(htmlExtract, {
    parameters: { extractionValues: { values: [{ key: 't', cssSelector: 'b' }] }, options: { trimValues: true } },
    items: itemsOf({ data: ['<b> 1 </b>', '<b>2</b>'] }, { data: '<b>3</b>' }),
  })
  expect(outputs).toEqual([
    [
      { json: { t: '1' }, pairedItem: { item: 0 } },
      { json: { t: '2' }, pairedItem: { item: 0 } },
      { json: { t: '3' }, pairedItem: { item: 1 } },
    ],
  ])
})
