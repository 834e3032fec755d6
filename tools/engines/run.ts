import { spawn } from 'node:child_process'

/**
 * Runs a program to its end.
 * @returns what it wrote to standard output
 * @throws Error with the end of what it said, when it fails or does not exist
 */
export const run = (
  [program = '', ...args]: readonly string[],
  { cwd, env }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let said = ''
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString()
      said = `${said}${text.toString()}`.slice(-4000)
    })
    child.stderr.on('data', (text: Buffer) => {
      said = `${said}${text.toString()}`.slice(-4000)
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${program} ${args.join(' ').slice(0, 300)} ended with ${code}:\n${said}`)),
    )
  })
