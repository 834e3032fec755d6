import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '@weconnect/engines/python'
import { run } from '@weconnect/engines/run'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingEngines, missingToolsFor, testEngine } from './engines.ts'
import { type JournalFixture, openJournalFixture } from './journal-fixture.ts'
import { appendExecutions } from './log-of-executions.ts'
import { type RelayProcess, startRelayProcess } from './relay-process.ts'
import { readTopics } from './topic-reader.ts'

const example = (file: string): string => fileURLToPath(new URL(`../../examples/analytics/${file}`, import.meta.url))
const executions = 40

/** What it should say, from how the log was made: step n of execution i took i + n / 10 milliseconds. */
const expected = ['n8n-nodes-base.set', 'n8n-nodes-base.if', 'n8n-nodes-base.code'].map((nodeType, kind) => {
  const durations = Array.from({ length: executions }, (_, index) => [index + kind / 10, index + (kind + 3) / 10]).flat()
  const sorted = durations.sort((left, right) => left - right)
  return { nodeType, steps: sorted.length, p95Ms: sorted[Math.ceil(0.95 * sorted.length) - 1] }
})

describe.skipIf((await missingEngines('kafka', 'registry')) || (await missingToolsFor(['python3'])))('examples/analytics', () => {
  let env: Record<string, string> = {}
  let log: JournalFixture
  let relay: RelayProcess

  beforeAll(async () => {
    env = { KAFKA_TOPIC_PREFIX: `${randomUUID()}.` }
    for (const name of ['kafka', 'registry'] as const) env = { ...env, ...(await testEngine(name)).variables }
    log = openJournalFixture()
    await appendExecutions(log, executions)
    relay = startRelayProcess(log.folder, env)
    await relay.untilState('running')
  })
  afterAll(async () => {
    await relay?.kill9()
    await log?.close()
  })

  test("computes p95 of step durations from the topic, with Confluent's libraries only", { timeout: 300_000 }, async () => {
    const reader = await readTopics(env['KAFKA_BROKERS'] ?? '', [`${env['KAFKA_TOPIC_PREFIX']}weconnect.execution.v1`])
    await reader.until((records) => records.length >= executions * 8)
    await reader.close()
    const python = await pythonWith(example('requirements.txt'))
    const rows = JSON.parse(await run([python, example('step_durations.py'), '--json'], { env })) as readonly { nodeType: string }[]
    expect(rows).toEqual(expected.toSorted((left, right) => left.nodeType.localeCompare(right.nodeType)))
  })
})
