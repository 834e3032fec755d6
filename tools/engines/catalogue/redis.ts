import { existsSync, globSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Engine } from '../engine.ts'
import { isOpen } from '../ports.ts'
import { run } from '../run.ts'

/** The Debian package and what it needs, unpacked: nothing is installed on the system and no service is started. */
const unpack = async (folder: string): Promise<void> => {
  const downloads = join(folder, 'downloads')
  await mkdir(downloads)
  const simulate = (): Promise<string> => run(['apt-get', 'install', '-s', '--no-install-recommends', 'redis-server'])
  // The lists of packages may be missing, or so old that their files are gone.
  if (process.getuid?.() === 0 && !existsSync('/usr/bin/redis-server')) await run(['apt-get', '-q', 'update'])
  const names = [...(await simulate()).matchAll(/^Inst (\S+)/gm)].map(([, name]) => name ?? '')
  await run(['apt-get', '-q', 'download', ...new Set([...names, 'redis-server', 'redis-tools'])], { cwd: downloads })
  for (const file of globSync('*.deb', { cwd: downloads })) await run(['dpkg', '-x', join(downloads, file), join(folder, 'root')])
}

export const redis: Engine = {
  name: 'redis',
  version: 'debian',
  needs: ['apt-get', 'dpkg'],
  portCount: 1,
  install: unpack,
  launch: async ({ installed, data, ports }) => ({
    command: [
      join(installed, 'root/usr/bin/redis-server'),
      ...['--bind', '127.0.0.1', '--port', String(ports[0]), '--save', '', '--appendonly', 'no', '--dir', data],
    ],
    env: {
      LD_LIBRARY_PATH: [
        ...new Set(globSync('root/usr/lib/**/*.so*', { cwd: installed }).map((file) => join(installed, dirname(file)))),
      ].join(':'),
    },
  }),
  isReady: ({ ports }) => isOpen(ports[0] ?? 0),
  variables: ({ ports }) => ({ REDIS_URL: `redis://127.0.0.1:${ports[0]}` }),
}
