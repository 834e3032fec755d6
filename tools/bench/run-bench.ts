import { rmSync } from 'node:fs'
import { type Bare, startBare } from './bare.ts'
import { measureW3 } from './cold-start.ts'
import { measureW7 } from './data-speed.ts'
import { measureW6 } from './expression-speed.ts'
import { type Effort, type Figures, full, quick } from './measures.ts'
import { newFolder, type Product } from './product.ts'
import { measureW5 } from './relay-speed.ts'
import { measureW4 } from './replay-speed.ts'
import { asTables, machine, roundedFigures } from './report.ts'
import { measureW9 } from './subscriber-latency.ts'
import { measureW8 } from './topic-projection-speed.ts'
import { measureW1, measureW2 } from './webhook-load.ts'

const all = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6', 'w7', 'w8', 'w9'] as const
/** What is measured only when it is named, as it needs a Kafka, which takes minutes to get. */
const withKafka: readonly string[] = ['w5', 'w8', 'w9']
const usual = all.filter((name) => !withKafka.includes(name))
/** These need no running product, or start one of their own. */
const alone: readonly string[] = ['w6', 'w7', ...withKafka]

/**
 * Measures WeConnect from outside, beside a bare handler on the same machine, on a new data folder that is removed at the end.
 * @param args any of w1 to w9 (none = all but w5, w8 and w9); `--quick`: one short round; `--json`: figures as JSON on standard output
 * @returns exit code
 */
export const runBench = async (args: string[]): Promise<number> => {
  const unknown = args.filter((arg) => !['--quick', '--json', ...all].includes(arg))
  if (unknown.length > 0) {
    console.error(`unknown: ${unknown.join(' ')}. Usage: weconnect bench [w1 w2 w3 w4 w5 w6 w7 w8 w9] [--quick] [--json]`)
    return 2
  }
  const chosen = all.filter((name) => args.includes(name))
  const names: readonly string[] = chosen.length === 0 ? usual : chosen
  const effort = args.includes('--quick') ? quick : full
  const product = names.some((name) => !alone.includes(name)) ? await measure(names, effort) : {}
  const expressions = names.includes('w6') ? { w6: measureW6(effort.expressionSeconds, say) } : {}
  const figures = roundedFigures({
    ...product,
    ...expressions,
    ...(names.includes('w7') ? { w7: await measureW7(effort, say) } : {}),
    ...(names.includes('w5') ? { w5: await measureW5(effort.relayEvents, say) } : {}),
    ...(names.includes('w8') ? { w8: await measureW8(effort.relayEvents, say) } : {}),
    ...(names.includes('w9') ? { w9: await measureW9(effort.latencySeconds, say) } : {}),
  })
  const command = ['./weconnect bench', ...args].join(' ')
  if (args.includes('--json')) console.log(JSON.stringify({ ...figures, machine: machine(), command }))
  else {
    const { cpu, cores, memoryGb, platform, node } = machine()
    console.log(`${asTables(figures)}\n\n${cpu}, ${cores} cores, ${memoryGb} GB, ${platform}, Node ${node}; ${command}`)
  }
  return 0
}

const say = (text: string): void => console.error(text)

const measure = async (names: readonly string[], effort: Effort): Promise<Figures> => {
  const { folder, data } = newFolder()
  const bare = await startBare()
  try {
    const starts = names.includes('w3') ? effort.starts : 0
    const { w3, product } = await measureW3(data, { ...effort, starts }, say)
    try {
      return { ...(await measureRunning(product, bare, names, effort)), ...(names.includes('w3') ? { w3 } : {}) }
    } finally {
      await product.stop()
    }
  } finally {
    await bare.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const measureRunning = async (product: Product, bare: Bare, names: readonly string[], effort: Effort): Promise<Figures> => ({
  ...(names.includes('w1') ? { w1: await measureW1(product, bare, effort, say) } : {}),
  ...(names.includes('w2') ? { w2: await measureW2(product, effort, say) } : {}),
  ...(names.includes('w4') ? { w4: await measureW4(product, effort, say) } : {}),
})
