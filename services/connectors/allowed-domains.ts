import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'

/** The hosts that n8n's two fields allow; undefined: all. @throws WeConnectError INVALID_INPUT */
export const domainsOf = (data: JsonObject): readonly string[] | undefined => {
  const mode = data['allowedHttpRequestDomains'] ?? 'all'
  if (mode === 'all') return undefined
  if (mode === 'none') return []
  if (mode !== 'domains') throw new WeConnectError('INVALID_INPUT', 'allowedHttpRequestDomains is all, domains or none')
  const list = String(data['allowedDomains'] ?? '').split(',')
  return list.map((domain) => domain.trim().toLowerCase()).filter((domain) => domain !== '')
}

/** `example.com` is that host; `*.example.com` every host below it. */
const covers = (rule: string, host: string): boolean => (rule.startsWith('*.') ? host.endsWith(rule.slice(1)) : rule === host)

/** @throws WeConnectError EGRESS_DENIED when the credential may not be sent to the host of this URL */
export const assertDomainAllowed = (name: string, allowed: readonly string[] | undefined, url: string): void => {
  if (allowed === undefined) return
  const host = URL.parse(url)?.hostname.toLowerCase().replace(/\.$/, '') ?? ''
  if (host !== '' && allowed.some((rule) => covers(rule, host))) return
  throw new WeConnectError(
    'EGRESS_DENIED',
    allowed.length === 0
      ? `The credential "${name}" may not be used in HTTP requests`
      : `Domain not allowed: the credential "${name}" may be sent to ${allowed.join(', ')} only, not to ${host}`,
  )
}
