import type { Reporter, TestModule } from 'vitest/node'

interface Phase {
  readonly first: number
  readonly last: number
  readonly files: number
}

/** Ends the output of a test run with the seconds of every phase, what was skipped, and one line: `N passed, N failed, N skipped`. */
export class Summary implements Reporter {
  readonly #started = new Map<string, number>()
  readonly #phases = new Map<string, Phase>()

  onTestModuleQueued(module: TestModule): void {
    this.#started.set(module.id + module.project.name, performance.now())
  }

  onTestModuleEnd(module: TestModule): void {
    const now = performance.now()
    const first = this.#started.get(module.id + module.project.name) ?? now
    const phase = this.#phases.get(module.project.name) ?? { first, last: now, files: 0 }
    this.#phases.set(module.project.name, { first: Math.min(first, phase.first), last: now, files: phase.files + 1 })
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const phases = [...this.#phases].map(
      ([name, { first, last, files }]) => `${name} ${((last - first) / 1000).toFixed(1)} s (${files} files)`,
    )
    if (phases.length > 0) console.log(`Phases: ${phases.join(', ')}`)
    for (const name of skippedTests(modules)) console.log(`Skipped: ${name}`)
    const { passed, failed, skipped } = count(modules, errors.length)
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

const skippedTests = (modules: readonly TestModule[]): string[] =>
  modules.flatMap((module) => [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId}: ${test.fullName}`))

/** A file that does not load, or an error outside of any test, counts as one failure. */
const count = (modules: readonly TestModule[], strayErrors: number): { passed: number; failed: number; skipped: number } => {
  const total = { passed: 0, failed: strayErrors, skipped: 0 }
  for (const module of modules) {
    if (module.errors().length > 0) total.failed += 1
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      if (state !== 'pending') total[state] += 1
    }
  }
  return total
}
