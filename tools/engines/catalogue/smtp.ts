import { join } from 'node:path'
import type { Engine } from '../engine.ts'
import { answers, isOpen } from '../ports.ts'
import { run } from '../run.ts'

const version = '2.2.1'

/** maildev: takes every mail and shows it at its own address, over HTTP too. */
export const smtp: Engine = {
  name: 'smtp',
  version,
  needs: ['npm'],
  portCount: 2,
  install: async (folder) =>
    void (await run(['npm', 'install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', `maildev@${version}`])),
  launch: async ({ installed, ports }) => ({
    command: [
      process.execPath,
      join(installed, 'node_modules/maildev/bin/maildev'),
      ...['--smtp', String(ports[0]), '--web', String(ports[1]), '--ip', '127.0.0.1', '--web-ip', '127.0.0.1', '--silent'],
    ],
  }),
  isReady: async ({ ports }) => (await isOpen(ports[0] ?? 0)) && answers(`http://127.0.0.1:${ports[1]}/email`),
  variables: ({ ports }) => ({ SMTP_URL: `smtp://127.0.0.1:${ports[0]}`, MAILDEV_URL: `http://127.0.0.1:${ports[1]}` }),
}
