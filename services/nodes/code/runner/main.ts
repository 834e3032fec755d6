import { encodeFrame, type FromRunner, frameReader, type ToRunner } from './frames.ts'
import { type IsolateMaker, isolateMaker, runInIsolate } from './isolate.ts'

/**
 * The process that runs users' code: no environment, no network, no files. It is expendable; the parent ends it when a step takes too much.
 * One step at a time, a new isolate for each.
 */
const largestFrame = 512 * 1024 * 1024

// The clock of new isolates: the same on every machine.
process.env['TZ'] = 'UTC'

let make: IsolateMaker
/** Made while nothing waits for it. */
let next: ReturnType<IsolateMaker> | undefined
let answered: ((answer: string) => void) | undefined

const send = (header: FromRunner, body?: string): void => void process.stdout.write(encodeFrame(header, body))

const ask = (query: string): Promise<string> =>
  new Promise((resolve) => {
    answered = resolve
    send({ kind: 'ask' }, query)
  })

const prepare = (): void => {
  next ??= make()
}

const run = async (code: string, data: string): Promise<void> => {
  const place = next ?? make()
  next = undefined
  try {
    const before = place.isolate.cpuTime
    const outcome = await runInIsolate(place, code, data, ask)
    send({ kind: 'done', cpuMs: Number(place.isolate.cpuTime - before) / 1e6 }, outcome)
  } catch (error) {
    if (!place.isolate.isDisposed) throw error
    send({ kind: 'outOfMemory' })
  }
  if (!place.isolate.isDisposed) place.isolate.dispose()
  setImmediate(prepare)
}

/** What was needed to start is needed no more. */
const giveUpRights = (): void => {
  for (const right of ['fs.read', 'addon']) process.permission.drop(right)
}

const read = frameReader<ToRunner>(({ header, body }) => {
  if (header.kind === 'answer') answered?.(body)
  else if (header.kind === 'run') void run(header.code, body)
  else {
    make = isolateMaker(body, header.isolateMb)
    prepare()
    giveUpRights()
    send({ kind: 'ready' })
  }
}, largestFrame)

process.stdin.on('data', read)
// The parent is gone. `exit` would wait for code that loops for ever.
process.stdin.on('end', () => process.kill(process.pid, 'SIGKILL'))
