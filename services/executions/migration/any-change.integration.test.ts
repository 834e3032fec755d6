import { type EngineFixture, openEngineFixture } from '@weconnect/testing/engine-fixture'
import { migrating, signal } from '@weconnect/testing/migrating'
import { manual, type NodeSketch, setFields, workflowFile } from '@weconnect/testing/n8n-workflow'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

let fixture: EngineFixture
beforeAll(async () => {
  fixture = await openEngineFixture()
})
afterAll(() => fixture.close())
const { publish, run, becomes, send, output, namesOf, equalReplay, request, migrate } = migrating(() => fixture)

const change = fc.record({ at: fc.nat(), how: fc.constantFrom('insert', 'rename') })
const story = fc.record({
  kinds: fc.array(fc.constantFrom('set', 'signal'), { minLength: 1, maxLength: 4 }),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  order: fc.constantFrom('v0', 'v1', 'parallel'),
  signalsBefore: fc.nat({ max: 3 }),
})

test('however a chain is changed and wherever it stands, an execution goes on with what is beyond, and is replayed equal', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ kinds, changes, order, signalsBefore }) => {
      const chain = ['Start', ...kinds.map((kind, index) => `${kind} ${index}`), 'Hold', 'Last']
      const sketchOf = (name: string): NodeSketch => {
        if (name === 'Start') return manual
        if (name === 'Hold' || name.startsWith('signal')) return signal()
        return name === 'Last' ? setFields({ began: `={{ $('Start').item.json.n }}` }) : setFields({ [name]: '={{ $json.n }}' })
      }
      const edges = chain.slice(1).map((name, index) => `${chain[index]} -> ${name}`)
      const file = workflowFile('chain', Object.fromEntries(chain.map((name) => [name, sketchOf(name)])), edges, { executionOrder: order })
      const flow = await publish(file)
      const id = await run(flow.workflowId)
      const waits = chain.filter((name) => name === 'Hold' || name.startsWith('signal'))
      const standsAt = async (name: string) => {
        await expect.poll(async () => (await namesOf(id)).at(-1), { timeout: 60_000 }).toBe(name)
        await becomes(id, 'waiting')
      }
      const before = Math.min(signalsBefore, waits.length - 1)
      for (const name of waits.slice(0, before)) {
        await standsAt(name)
        await send(id)
      }
      const stand = waits[before]!
      await standsAt(stand)
      const ran = chain.indexOf(stand)
      const nodes = chain.map((name, index) => ({ name, isBehind: index <= ran, isWait: waits.includes(name), isNew: false }))
      for (const [index, { at, how }] of changes.entries()) {
        const place = 1 + (at % (nodes.length - 1))
        const node = nodes[place]!
        if (how === 'rename') {
          await flow.rename(node.name, `new ${index}`)
          node.name = `new ${index}`
        } else {
          await flow.between(nodes[place - 1]!.name, `put in ${index}`, setFields({ put: String(index) }), node.name)
          nodes.splice(place, 0, { name: `put in ${index}`, isBehind: node.isBehind, isWait: false, isNew: true })
        }
      }
      await flow.publishAgain()
      expect(await migrate(request(flow.workflowId, [id]))).toMatchObject({ status: 'completed' })
      const [behind, beyond] = [await namesOf(id), nodes.filter(({ isBehind }) => !isBehind)]
      expect(behind).toEqual(nodes.filter(({ isBehind, isNew }) => isBehind && !isNew).map(({ name }) => name))
      await equalReplay(id)
      await send(id)
      for (const { name } of beyond.filter(({ isWait }) => isWait)) {
        await standsAt(name)
        await send(id)
      }
      await becomes(id, 'completed')
      expect(await namesOf(id)).toEqual([...behind, ...beyond.map(({ name }) => name)])
      expect(await output(id)).toMatchObject([{ n: 1, began: '1' }])
      await equalReplay(id)
    }),
    { numRuns: process.env['WECONNECT_LONG'] === '1' ? 200 : 12 },
  )
}, 600_000)
