import { asText } from '../per-item.ts'
import { BadParameter, type Read } from './body.ts'

const ofVersionOne: Readonly<Record<string, string>> = {
  basicAuth: 'httpBasicAuth',
  customAuth: 'httpCustomAuth',
  digestAuth: 'httpDigestAuth',
  headerAuth: 'httpHeaderAuth',
  queryAuth: 'httpQueryAuth',
  oAuth1: 'oAuth1Api',
  oAuth2: 'oAuth2Api',
}

/** Type of the credential that goes with the request; undefined: none. @throws BadParameter */
export const credentialTypeFor = (read: Read): string | undefined => {
  const authentication = asText(read('authentication'), 'none') || 'none'
  if (authentication === 'none') return undefined
  if (Object.hasOwn(ofVersionOne, authentication)) return ofVersionOne[authentication]
  const parameter = authentication === 'genericCredentialType' ? 'genericAuthType' : 'nodeCredentialType'
  const type = asText(read(parameter))
  if (type !== '') return type
  throw new BadParameter(parameter, 'No credential type was chosen')
}
