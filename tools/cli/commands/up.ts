import { flushCompileCache } from 'node:module'
import { parseArgs } from 'node:util'
import { dataFolderOf } from '../instance.ts'
import { type Owner, startOwner } from '../owner/owner.ts'
import { parseSettings } from '../owner/settings.ts'
import { portOf } from '../port-option.ts'
import { stopRequested } from '../stop-requested.ts'

/** Starts everything in the foreground; ends cleanly on Ctrl-C or SIGTERM. */
export const up = async (args: readonly string[]): Promise<number> => {
  const { values } = parseArgs({ args: [...args], options: { port: { type: 'string' }, data: { type: 'string' } } })
  const settings = parseSettings(process.env, { dataFolder: dataFolderOf(values), port: portOf(values.port) })
  const owner = await startOwner(settings, (message) => console.log(message))
  // Since the process began, as whoever waits counts it.
  console.log(welcome(owner, performance.now()))
  // Also a process that is killed leaves the next one what it compiled.
  flushCompileCache()
  await stopRequested()
  console.log('\nstopping ...')
  await owner.close()
  return 0
}

const welcome = ({ gateway: { url }, user, dataFolder }: Owner, tookMs: number): string => `
WeConnect is ready (${(tookMs / 1000).toFixed(1)} s)

  GraphiQL    ${url}/graphiql
  GraphQL     ${url}/graphql
  Webhooks    ${url}/webhook/PATH
  socket.io   ${url.replace('http', 'ws')}/socket.io/
  Metrics     ${url}/metrics
  Ready       ${url}/ready

  Login       ${user.email}${user.generatedPassword === undefined ? ' (the password was shown at the first start)' : `  password ${user.generatedPassword}  (shown only now)`}
  Token       ./weconnect token
  Data        ${dataFolder}

Ctrl-C stops.`
