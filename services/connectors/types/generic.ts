import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { choice, json, number, show, text, toggle } from '@weconnect/nodes/sdk/property'
import { type CredentialType, credentialType, secret, textsIn } from './credential-type.ts'

const basic = [text('User', 'user'), secret('Password', 'password')]

/** The JSON of a custom credential, parsed; a text that is no JSON has no parts. */
export const customParts = (data: JsonObject): JsonObject => {
  const value = data['json']
  if (isJsonObject(value)) return value
  try {
    const parsed: unknown = JSON.parse(String(value ?? ''))
    return isJsonObject(parsed) ? parsed : {}
  } catch {
    return {}
  }
}

const custom: CredentialType = {
  ...credentialType('httpCustomAuth', 'Custom Auth', [
    json('JSON', 'json', '', { required: true, description: '{"headers": {...}, "qs": {...}, "body": {...}}' }),
  ]),
  secrets: (data) => textsIn(customParts(data)),
}

const oAuth2Fields = [
  choice(
    'Grant Type',
    'grantType',
    [
      ['Authorization Code', 'authorizationCode'],
      ['Client Credentials', 'clientCredentials'],
      ['PKCE', 'pkce'],
    ],
    'authorizationCode',
  ),
  text('Authorization URL', 'authUrl', '', show({ grantType: ['authorizationCode', 'pkce'] })),
  text('Access Token URL', 'accessTokenUrl', '', { required: true }),
  text('Client ID', 'clientId', '', { required: true }),
  secret('Client Secret', 'clientSecret'),
  text('Scope', 'scope'),
  text('Auth URI Query Parameters', 'authQueryParameters', '', show({ grantType: ['authorizationCode', 'pkce'] })),
  choice(
    'Authentication',
    'authentication',
    [
      ['Body', 'body'],
      ['Header', 'header'],
    ],
    'header',
  ),
  toggle('Send Additional Body Properties', 'sendAdditionalBodyProperties'),
  json('Additional Body Properties', 'additionalBodyProperties', '', show({ sendAdditionalBodyProperties: [true] })),
  toggle('Ignore SSL Issues (Insecure)', 'ignoreSSLIssues'),
  number('Token Expired Status Code', 'tokenExpiredStatusCode', 401),
]

const tokenNames = ['access_token', 'refresh_token', 'id_token', 'oauth_token', 'oauth_token_secret']
const tokensIn = (tokens: JsonValue | undefined): readonly string[] =>
  isJsonObject(tokens) ? tokenNames.flatMap((name) => textsIn(tokens[name])) : []

const withTokens = (type: CredentialType): CredentialType => ({
  ...type,
  secrets: (data) => [...type.secrets(data), ...tokensIn(data['oauthTokenData']), ...textsIn(data['additionalBodyProperties'])],
})

const oAuth1Fields = [
  text('Authorization URL', 'authUrl'),
  text('Access Token URL', 'accessTokenUrl'),
  text('Request Token URL', 'requestTokenUrl'),
  text('Consumer Key', 'consumerKey', '', { required: true }),
  secret('Consumer Secret', 'consumerSecret'),
  choice(
    'Signature Method',
    'signatureMethod',
    [
      ['HMAC-SHA1', 'HMAC-SHA1'],
      ['HMAC-SHA256', 'HMAC-SHA256'],
      ['HMAC-SHA512', 'HMAC-SHA512'],
    ],
    'HMAC-SHA1',
  ),
]

const jwtAlgorithms = ['HS', 'RS', 'ES', 'PS'].flatMap((family) =>
  ['256', '384', '512'].map((bits) => [`${family}${bits}`, `${family}${bits}`] as const),
)
const jwt = credentialType(
  'jwtAuth',
  'JWT Auth',
  [
    choice(
      'Key Type',
      'keyType',
      [
        ['Passphrase', 'passphrase'],
        ['PEM Key', 'pemKey'],
      ],
      'passphrase',
    ),
    { ...secret('Secret', 'secret'), ...show({ keyType: ['passphrase'] }) },
    { ...secret('Private Key', 'privateKey'), ...show({ keyType: ['pemKey'] }) },
    text('Public Key', 'publicKey', '', show({ keyType: ['pemKey'] })),
    choice('Algorithm', 'algorithm', jwtAlgorithms, 'HS256'),
  ],
  false,
)

const smtp = credentialType(
  'smtp',
  'SMTP',
  [
    text('User', 'user'),
    { ...secret('Password', 'password'), required: false },
    text('Host', 'host', '', { required: true }),
    number('Port', 'port', 465),
    toggle('SSL/TLS', 'secure', true),
    toggle('Disable STARTTLS', 'disableStartTls', false, show({ secure: [false] })),
    text('Client Host Name', 'hostName'),
  ],
  false,
)

const imap = credentialType(
  'imap',
  'IMAP',
  [
    text('User', 'user'),
    secret('Password', 'password'),
    text('Host', 'host', '', { required: true }),
    number('Port', 'port', 993),
    toggle('SSL/TLS', 'secure', true),
    toggle('Allow Self-Signed Certificates', 'allowUnauthorizedCerts'),
  ],
  false,
)

const saslMechanisms = [
  ['Plain', 'plain'],
  ['scram-sha-256', 'scram-sha-256'],
  ['scram-sha-512', 'scram-sha-512'],
] as const
const kafka = credentialType(
  'kafka',
  'Kafka',
  [
    text('Client ID', 'clientId'),
    text('Brokers', 'brokers', '', { required: true }),
    toggle('SSL', 'ssl', true),
    toggle('Authentication', 'authentication'),
    text('Username', 'username', '', show({ authentication: [true] })),
    { ...secret('Password', 'password'), required: false, ...show({ authentication: [true] }) },
    choice('SASL Mechanism', 'saslMechanism', saslMechanisms, 'plain', show({ authentication: [true] })),
  ],
  false,
)

/** Credentials that belong to no service. */
export const genericTypes: readonly CredentialType[] = [
  credentialType('httpBasicAuth', 'Basic Auth', basic),
  credentialType('httpDigestAuth', 'Digest Auth', basic),
  credentialType('httpHeaderAuth', 'Header Auth', [text('Name', 'name', '', { required: true }), secret('Value', 'value')]),
  credentialType('httpQueryAuth', 'Query Auth', [text('Name', 'name', '', { required: true }), secret('Value', 'value')]),
  custom,
  credentialType('httpBearerAuth', 'Bearer Auth', [secret('Bearer Token', 'token')]),
  withTokens(credentialType('oAuth2Api', 'OAuth2 API', oAuth2Fields)),
  withTokens(credentialType('oAuth1Api', 'OAuth1 API', oAuth1Fields)),
  jwt,
  credentialType('crypto', 'Crypto', [secret('Hmac Secret', 'hmacSecret'), secret('Sign Private Key', 'signPrivateKey')], false),
  credentialType('totpApi', 'TOTP API', [secret('Secret', 'secret'), text('Label', 'label')], false),
  // Both are taken while senders change from one to the other.
  credentialType(
    'webhookSignature',
    'Webhook Signature',
    [secret('Secret', 'secret'), { ...secret('Previous Secret', 'previousSecret'), required: false }],
    false,
  ),
  smtp,
  imap,
  kafka,
]
