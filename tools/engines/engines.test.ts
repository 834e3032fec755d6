import { expect, test } from 'vitest'
import { engineNames, engines } from './catalogue.ts'
import { freePorts, isOpen } from './ports.ts'
import { howToInstall, missingTools } from './tools.ts'

test('every engine goes by its own name and says what to export', () => {
  for (const name of engineNames) {
    const engine = engines[name]
    expect(engine.name).toBe(name)
    const ports = Array.from({ length: engine.portCount }, (_, index) => 5000 + index)
    const variables = Object.entries(engine.variables({ installed: '/i', data: '/d', ports }))
    expect(variables.length).toBeGreaterThan(0)
    expect(variables.some(([, value]) => value.includes('127.0.0.1:5000'))).toBe(true)
  }
})

test('ports are free and differ', async () => {
  const ports = await freePorts(8)
  expect(new Set(ports).size).toBe(8)
  expect(await Promise.all(ports.map(isOpen))).toEqual(ports.map(() => false))
})

test('a tool that is missing is named with the packages that hold it', async () => {
  const path = process.env['PATH']
  try {
    process.env['PATH'] = '/nowhere'
    expect(await missingTools(['java', 'mvn', 'java'])).toEqual(['java', 'mvn'])
    expect(howToInstall(['java', 'mvn'])).toBe('java and mvn are missing (Debian: apt-get install openjdk-17-jre-headless maven)')
  } finally {
    process.env['PATH'] = path
  }
})
