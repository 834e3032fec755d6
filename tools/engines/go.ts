import { chmod, readdir } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'

/** What the engines need at least: Debian 12 has 1.19. */
const least = [1, 24] as const
const toolchain = 'go1.26.8'
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

export const isRecent = (version: string): boolean => {
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(version.trim())?.map(Number) ?? []
  return major > least[0] || (major === least[0] && minor >= least[1])
}

/** Modules are unpacked without the right to run what is in them. */
const makeExecutable = async (folder: string): Promise<void> => {
  for (const part of ['bin', 'pkg/tool'])
    for (const entry of await readdir(join(folder, part), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) await chmod(join(entry.parentPath, entry.name), 0o755)
}

/**
 * A Go that builds what is written today. An older one fetches it as a module, as every Go since 1.21 does by itself: from the same proxy, checked against the
 * same checksum database.
 * @returns its program
 */
const recentGo = async (folder: string): Promise<string> => {
  if (isRecent(await run(['go', 'env', 'GOVERSION'], { env: { GOTOOLCHAIN: 'local' } }))) return 'go'
  const module = `golang.org/toolchain@v0.0.1-${toolchain}.${platform()}-${architectures[arch()] ?? arch()}`
  const answer = await run(['go', 'mod', 'download', '-json', module], { cwd: folder, env: { GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' } })
  const { Dir: found } = JSON.parse(answer) as { Dir: string }
  await makeExecutable(found)
  return join(found, 'bin/go')
}

/** Builds a program from the module proxy into `folder`. @param program module/path@version */
export const goInstall = async (
  folder: string,
  program: string,
  { flags = [], env = {} }: { readonly flags?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> => {
  const go = await recentGo(folder)
  // Where an older Go is installed must not be where the newer one looks for its own parts.
  const own: Readonly<Record<string, string>> = go === 'go' ? {} : { GOROOT: join(go, '../..') }
  await run([go, 'install', ...flags, program], { cwd: folder, env: { GOBIN: folder, GOTOOLCHAIN: 'local', ...own, ...env } })
}
