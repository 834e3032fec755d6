import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { importProblems, importsOf, openPackages, packageCycles } from './imports.ts'
import { divided, roomCircles, roomProblems } from './rooms.ts'
import { schemaProblems } from './schema-compatibility.ts'
import { readPackages, root, sourceFiles } from './workspace.ts'

/** A check answers with what is wrong, one line each; nothing = fine. */
interface Check {
  readonly name: string
  readonly run: () => Promise<readonly string[]> | readonly string[]
}

const tool = (...command: string[]): Promise<readonly string[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (code) => resolve(code === 0 ? [] : [output.trimEnd() || `${command[0]} ended with ${code}`]))
  })

const checkImports = (): readonly string[] => {
  const packages = readPackages()
  const files = packages.flatMap(({ folder }) => sourceFiles(folder))
  const imports = files.flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')))
  const cycles = packageCycles(imports, packages).map((cycle) => `packages import each other: ${cycle}`)
  const rooms = divided.flatMap((folder) => [...roomCircles(imports, folder), ...roomsTold(folder)])
  return [...importProblems(imports, packages), ...cycles, ...rooms, ...openPackages(packages)]
}

const roomsTold = (folder: string): readonly string[] =>
  roomProblems(sourceFiles(folder), folder, readFileSync(join(root, folder, 'README.md'), 'utf8'))

const checks: readonly Check[] = [
  { name: 'types', run: () => tool('node_modules/typescript/bin/tsc', '--noEmit') },
  { name: 'lint', run: () => tool('node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '--max-diagnostics=200', '.') },
  { name: 'events generated from the schemas', run: () => tool('tools/check/generate-events.ts', '--check') },
  { name: 'asyncapi generated from the schemas', run: () => tool('tools/check/generate-asyncapi.ts', '--check') },
  { name: 'pages of the nodes', run: () => tool('tools/check/generate-node-pages.ts', '--check') },
  { name: 'imports', run: checkImports },
  { name: 'schemas', run: () => schemaProblems() },
]

/**
 * Types, lint, import directions and cycles, freshness of what is generated, compatibility of schemas.
 * @param args names of checks to run; none = all
 * @returns exit code: 0 when nothing is wrong
 */
export const runCheck = async (args: string[]): Promise<number> => {
  const chosen = checks.filter(({ name }) => args.length === 0 || args.includes(name.split(' ')[0] ?? ''))
  const results = await Promise.all(chosen.map(runOne))
  const failed = results.filter((fine) => !fine).length
  console.log(failed === 0 ? `all ${chosen.length} checks passed` : `${failed} of ${chosen.length} checks failed`)
  return failed === 0 ? 0 : 1
}

const runOne = async ({ name, run }: Check): Promise<boolean> => {
  const start = performance.now()
  const problems = await run()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  for (const problem of problems) console.error(problem)
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`)
  return problems.length === 0
}
