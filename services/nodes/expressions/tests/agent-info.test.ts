import { expect, test } from 'vitest'
import { type AgentSurroundings, agentInfoOf } from '../run-data/agent-info.ts'
import { noRun } from '../run-data/no-run.ts'
import { resultOf } from './scope.ts'

const agent = '@n8n/n8n-nodes-langchain.agent'
const surroundings: AgentSurroundings = {
  nodes: [
    { name: 'Agent', type: agent, parameters: {}, hasCredentials: false },
    { name: 'Other', type: agent, parameters: {}, hasCredentials: false },
    { name: 'Memory', type: '@n8n/n8n-nodes-langchain.memoryBufferWindow', parameters: {}, hasCredentials: false },
    {
      name: 'Calendar',
      type: 'n8n-nodes-base.googleCalendarTool',
      parameters: {
        operation: 'create',
        resource: 'event',
        start: "={{ $fromAI('Start', ``, 'string') }}",
        calendar: { mode: 'id', value: 'c' },
      },
      hasCredentials: true,
    },
    { name: 'Wikipedia', type: '@n8n/n8n-nodes-langchain.toolWikipedia', parameters: {}, hasCredentials: false },
  ],
  connections: [
    { source: 'Memory', target: 'Agent', type: 'ai_memory' },
    { source: 'Calendar', target: 'Agent', type: 'ai_tool' },
    { source: 'Wikipedia', target: 'Other', type: 'ai_tool' },
  ],
}

const at = (nodeName: string, text: string) =>
  resultOf(`={{ ${text} }}`, {}, { run: { ...noRun, agentInfo: () => agentInfoOf(surroundings, nodeName) } })

test('what is connected to the agent', () => {
  expect(at('Agent', '$agentInfo.memoryConnectedToAgent')).toBe(true)
  expect(at('Other', '$agentInfo.memoryConnectedToAgent')).toBe(false)
  expect(at('Agent', '$agentInfo.tools.filter((tool) => tool.connected)')).toEqual([
    {
      connected: true,
      nodeType: 'Google Calendar',
      name: 'Calendar',
      type: 'n8n-nodes-base.googleCalendarTool',
      resource: 'Event',
      operation: 'Create',
      hasCredentials: true,
      hasValidCalendar: true,
      aiDefinedFields: ['Start'],
    },
  ])
  expect(at('Other', '$agentInfo.tools.map((tool) => tool.nodeType + tool.connected)')).toEqual(['Google Calendarfalse', 'Wikipediatrue'])
})

test('a node that is no agent has none', () => expect(at('Memory', '$agentInfo')).toBeUndefined())
