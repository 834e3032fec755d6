import type { Item } from '@weconnect/contracts/items'
import type { NodeType } from '../../sdk/node.ts'
import { main } from '../../sdk/ports.ts'
import { choice, number, show, toggle } from '../../sdk/property.ts'
import { asText, unsupported } from '../per-item.ts'

const customer = (id: number, name: string, email: string, notes: string, country: string | null, created: string) => ({
  id: String(id),
  name,
  email,
  notes,
  country,
  created,
})
const customers = [
  customer(23423532, 'Jay Gatsby', 'gatsby@west-egg.com', 'Keeps asking about a green light??', 'US', '1925-04-10'),
  customer(23423533, 'José Arcadio Buendía', 'jab@macondo.co', 'Lots of people named after him. Very confusing', 'CO', '1967-05-05'),
  customer(23423534, 'Max Sendak', 'info@in-and-out-of-weeks.org', 'Keeps rolling his terrible eyes', 'US', '1963-04-09'),
  customer(23423535, 'Zaphod Beeblebrox', 'captain@heartofgold.com', 'Felt like I was talking to more than one person', null, '1979-10-12'),
  customer(23423536, 'Edmund Pevensie', 'edmund@narnia.gov', 'Passionate sailor', 'UK', '1950-10-16'),
]

const operations = [
  ['Get One Person', 'getOnePerson'],
  ['Get All People', 'getAllPeople'],
] as const
const all = { operation: ['getAllPeople'] }

/** Five customers to try workflows on: part of n8n's training workflows. */
export const n8nTrainingCustomerDatastore: NodeType = {
  definition: {
    name: 'n8n-nodes-base.n8nTrainingCustomerDatastore',
    displayName: 'Customer Datastore (n8n training)',
    description: 'Dummy node used for n8n training',
    category: 'core',
    versions: [1],
    properties: [
      choice('Operation', 'operation', operations, 'getOnePerson'),
      toggle('Return All', 'returnAll', false, show(all)),
      number('Limit', 'limit', 5, show({ ...all, returnAll: [false] })),
    ],
    inputs: main,
    outputs: main,
    effects: 'pure',
  },
  execute: async (context) => {
    const given = await context.items()
    const made: Item[] = []
    for (let index = 0; index < given.length; index++) {
      const operation = asText(await context.parameter('operation', index))
      if (!operations.some(([, name]) => name === operation)) throw unsupported(context, `Operation "${operation}"`, 'operation')
      const wanted = operation === 'getOnePerson' ? 1 : Number((await context.parameter('limit', index)) ?? customers.length)
      for (const json of customers.slice(0, wanted)) made.push({ json, pairedItem: { item: index } })
    }
    return [made]
  },
  validate: () => [],
}
