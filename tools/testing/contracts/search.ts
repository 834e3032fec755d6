import type { DomainEvent } from '@weconnect/contracts/envelope'
import type { Search } from '@weconnect/projections/search/face'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { idOf, requested } from '../execution-events.ts'
import type { ReadModels } from '../read-models.ts'

export interface OpenedSearch extends Pick<ReadModels, 'write' | 'organisationId' | 'close'> {
  readonly search: Search
}

const workflow = idOf(100)
const created: DomainEvent = {
  type: 'WorkflowCreated',
  data: {
    workflowId: workflow,
    organisationId: idOf(0),
    name: 'Müller’s Bestellungen',
    description: 'Sends e-mail',
    tags: ['café'],
    settings: {},
    source: 'created',
  },
}
const node = (nodeId: string, name: string, nodeType: string): DomainEvent => ({
  type: 'NodeAdded',
  data: { node: { nodeId, name, nodeType, typeVersion: 4, position: { x: 0, y: 0 }, options: {}, parameters: {} } },
})
const failed: DomainEvent = {
  type: 'ExecutionFailed',
  data: { code: 'NODE_FAILED', error: { message: 'Connection to rates.example refused' }, steps: 1, durationMs: 4 },
}

/** What is asked of search, whichever store keeps the documents. */
export const searchContract = (name: string, open: () => Promise<OpenedSearch>): void => {
  describe(`search in ${name}`, () => {
    let opened: OpenedSearch
    beforeAll(async () => {
      opened = await open()
      await opened.write(`workflow-${workflow}`, [created, node('n1', 'Fetch rates', 'n8n-nodes-base.httpRequest')])
      for (const n of [1, 2]) await opened.write(`execution-${idOf(n)}`, [requested(n, 100), failed])
    })
    afterAll(() => opened?.close())

    const hits = (text: string, more: object = {}) => opened.search.find({ organisationId: opened.organisationId, text, ...more })
    const found = async (text: string, more: object = {}) =>
      (await hits(text, more)).map(({ kind, id }) => `${kind} ${Number(id.slice(24, 36))}`).sort()

    test.each([
      ['a word of the name, without its accent', 'mullers', ['workflow 100']],
      ['the beginning of a word, in capitals', 'BESTELL', ['workflow 100']],
      ['a tag', 'cafe', ['workflow 100']],
      ['a word of the description', 'mail', ['workflow 100']],
      ['the type of a node', 'http request', ['node 100', 'workflow 100']],
      ['the whole name of a type', 'n8n-nodes-base.httpRequest', ['node 100', 'workflow 100']],
      ['a slip of the pen', 'bestelungen', ['workflow 100']],
      ['the message of an error', 'rates.example refused', ['execution 1', 'execution 2']],
      ['words that are nowhere together', 'mail refused', []],
      ['what is no word', '&|!:* %', []],
      ['the syntax of a query', `a:* | 'b' <-> (`, []],
      ['the syntax of a filter', `" OR organizationId EXISTS OR kind = "node`, []],
    ])('finds %s', async (_, text, expected) => {
      expect(await found(text)).toEqual(expected)
    })

    test('keeps to the kinds, the number, the organisation and what is not archived', async () => {
      expect(await found('http', { kinds: ['workflow'] })).toEqual(['workflow 100'])
      expect(await found('http', { kinds: ['execution'] })).toEqual([])
      expect(await hits('refused', { limit: 1 })).toHaveLength(1)
      expect(await hits('refused', { limit: 0 })).toEqual([])
      expect(await opened.search.find({ organisationId: idOf(999), text: 'http' })).toEqual([])
      const [hit] = await hits('refused')
      expect(hit).toMatchObject({ workflowId: workflow, title: 'NODE_FAILED', snippet: 'Connection to rates.example «refused»' })
      expect(hit?.updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      await opened.write(`workflow-${workflow}`, [{ type: 'WorkflowArchived', data: {} }])
      expect([await found('http'), await found('refused')]).toEqual([[], []])
      await opened.write(`workflow-${workflow}`, [{ type: 'WorkflowRestored', data: {} }])
      expect(await found('http')).toHaveLength(2)
    })

    test('follows what is renamed, described, tagged and removed', async () => {
      const stream = `workflow-${workflow}`
      await opened.write(stream, [
        { type: 'WorkflowRenamed', data: { name: 'Quarterly numbers' } },
        { type: 'WorkflowDescribed', data: { description: 'for accounting' } },
        { type: 'WorkflowTagged', data: { tags: ['finance'] } },
        node('weird id /"\\ é', 'Second', 'n8n-nodes-base.set'),
        { type: 'NodeRenamed', data: { nodeId: 'n1', name: 'Ask the bank' } },
      ])
      const all = async (...texts: string[]) => Promise.all(texts.map((text) => found(text)))
      expect(await all('quarterly', 'accounting', 'finance', 'second', 'bank')).toEqual([
        ['workflow 100'],
        ['workflow 100'],
        ['workflow 100'],
        ['node 100'],
        ['node 100'],
      ])
      expect(await all('bestellungen', 'mail', 'cafe', 'rates fetch')).toEqual([[], [], [], []])
      await opened.write(stream, [{ type: 'NodeRemoved', data: { nodeId: 'n1' } }])
      expect(await all('bank', 'http')).toEqual([[], []])
    })
  })
}
