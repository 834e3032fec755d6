import { WeConnectError } from '@weconnect/contracts/errors'

const defaultPort = 4000

/** The port to serve HTTP on: the option, else PORT, else 4000; 0 = any free one. @throws WeConnectError CONFIG_INVALID */
export const portOf = (text: string | undefined): number => {
  const port = Number(text ?? process.env['PORT'] ?? defaultPort)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new WeConnectError('CONFIG_INVALID', `--port must be a number from 0 to 65535, not "${text}"`)
  return port
}
