import { allWorkflows, type FoundWorkflow } from './find-workflow.ts'
import type { Connection } from './instance.ts'
import { type WebhookUrl, webhookUrls } from './webhook-urls.ts'

/** What to type so that something runs. @param of one workflow; absent: whichever is nearest to running */
export const nextStep = async (connection: Connection, of?: FoundWorkflow): Promise<string> => {
  const [webhook] = await webhookUrls(connection, of?.id)
  if (webhook) return callOf(webhook)
  const all = of ? [of] : await allWorkflows(connection)
  const nearest = all.find(({ activeVersion }) => activeVersion > 0) ?? all[0]
  if (!nearest) return './weconnect import examples/workflows/hello-webhook.json'
  return `./weconnect ${nearest.activeVersion > 0 ? 'run' : 'activate'} ${quoted(nearest)}`
}

const callOf = ({ method, url }: WebhookUrl): string => {
  if (method === 'GET') return `curl '${url}'`
  return method === 'POST' ? `curl -H 'content-type: application/json' -d '{}' '${url}'` : `curl -X ${method} '${url}'`
}

/** By its id where a shell would read something else into the name. */
const quoted = ({ id, name }: FoundWorkflow): string => (/["$`\\!]/.test(name) ? id : `"${name}"`)
