import { type Instance, runCommand, startInstance } from '@weconnect/testing/instance'
import { hello } from '@weconnect/testing/promises/workflows'
import { afterAll, beforeAll, expect, test } from 'vitest'

let instance: Instance
beforeAll(async () => {
  instance = await startInstance()
})
afterAll(() => instance?.remove())

test('a second owner of a data folder is refused in a clear sentence, and the first goes on unharmed', async () => {
  await instance.activate(hello.file)
  const delivering = { on: true, answers: [] as number[] }
  const load = (async () => {
    for (let n = 0; delivering.on; n += 1) delivering.answers.push((await instance.deliver(hello.path, { n })).status)
  })()

  const second = await runCommand(['up', '--port', '0', '--data', instance.dataFolder])
  expect(second.code).toBe(1)
  expect(second.stderr.trim()).toBe(
    `DATA_FOLDER_IN_USE: Another WeConnect process uses the data folder ${instance.dataFolder}. Stop it, talk to it with --url, or choose another folder with --data.`,
  )
  expect(second.stdout).toBe('')

  delivering.on = false
  await load
  expect(delivering.answers.length).toBeGreaterThan(0)
  expect(new Set(delivering.answers)).toEqual(new Set([200]))
  expect((await instance.deliver(hello.path, { n: -1 })).status).toBe(200)
  expect((await fetch(`${instance.url()}/ready`)).status).toBe(200)
  expect(await instance.command('verify')).toMatchObject({ code: 0 })

  expect(await instance.stop()).toBe(0)
  await instance.restart()
  expect((await instance.deliver(hello.path, { n: -2 })).status).toBe(200)
})
