import { lookup } from 'node:dns/promises'
import { WeConnectError } from '@weconnect/contracts/errors'
import ipaddr from 'ipaddr.js'

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number]

/** Exceptions from the guard: hosts with their port, and address ranges. */
export interface EgressAllow {
  /** `host:port`, lower case. */
  readonly hosts: ReadonlySet<string>
  readonly ranges: readonly Range[]
}

const rangeOf = (rule: string): Range => {
  try {
    return ipaddr.parseCIDR(rule)
  } catch {
    throw new WeConnectError(
      'CONFIG_INVALID',
      `WECONNECT_EGRESS_ALLOW: "${rule}" is neither host:port nor an address range such as 10.0.0.0/8`,
    )
  }
}

/**
 * @param text comma list of `host:port` and CIDR ranges
 * @throws WeConnectError CONFIG_INVALID naming the entry
 */
export const parseEgressAllow = (text: string): EgressAllow => {
  const rules = text.split(',').flatMap((rule) => rule.trim().toLowerCase() || [])
  const isHost = (rule: string): boolean => !rule.includes('/') && /^.+:\d{1,5}$/.test(rule)
  return { hosts: new Set(rules.filter(isHost)), ranges: rules.filter((rule) => !isHost(rule)).map(rangeOf) }
}

const globalUnicast = ipaddr.parseCIDR('2000::/3')
// Reachable from Azure machines only, and public by its number: its metadata service.
const publicMetadata = new Set(['168.63.129.16'])

/** Whether an address is one of the internet at large: not of this machine, its networks, a cloud's metadata service, or a way around to those. */
const isPublic = (address: ipaddr.IPv4 | ipaddr.IPv6): boolean => {
  if (address.range() !== 'unicast' || publicMetadata.has(address.toString())) return false
  return address.kind() === 'ipv4' || address.match(globalUnicast)
}

const isInRange = (address: ipaddr.IPv4 | ipaddr.IPv6, ranges: readonly Range[]): boolean =>
  ranges.some((range) => range[0].kind() === address.kind() && address.match(range as [ipaddr.IPv6, number]))

const literal = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1')

const deniedError = (hostname: string, port: number): WeConnectError =>
  new WeConnectError(
    'EGRESS_DENIED',
    `Requests to "${hostname}" are not allowed: it is on a private or local network. WECONNECT_EGRESS_ALLOW (a comma list of host:port or address ranges) can permit it, for example WECONNECT_EGRESS_ALLOW=${hostname}:${port}`,
  )

const resolveWithSystem: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true, order: 'ipv4first' })).map(({ address }) => address)

export interface AddressGuardOptions {
  readonly resolve?: Resolve | undefined
  readonly allow?: EgressAllow | undefined
  readonly allowPrivate?: boolean | undefined
}

/**
 * Addresses to connect to for a host, each of which was checked: connect to one of these and resolve no more, or the name may mean another
 * address by then.
 * @throws WeConnectError EGRESS_DENIED when any of them is not allowed; what `resolve` throws
 */
export type AddressGuard = (hostname: string, port: number) => Promise<readonly string[]>

export const addressGuard = ({ resolve = resolveWithSystem, allow, allowPrivate = false }: AddressGuardOptions): AddressGuard => {
  const isAllowed = (text: string): boolean => {
    const address = ipaddr.process(text)
    return isPublic(address) || isInRange(address, allow?.ranges ?? [])
  }
  return async (hostname, port) => {
    const host = literal(hostname)
    const addresses = ipaddr.isValid(host) ? [host] : await resolve(host)
    if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
    const free = allowPrivate || allow?.hosts.has(`${hostname.toLowerCase()}:${port}`)
    if (!free && !addresses.every(isAllowed)) throw deniedError(hostname, port)
    return addresses
  }
}
