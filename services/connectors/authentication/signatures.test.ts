import { expect, test } from 'vitest'
import { digestChallenge, withDigest } from './digest.ts'
import { withOAuth1 } from './oauth1.ts'

test('digest gives the answer of the example of RFC 7616', () => {
  const header =
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
  const challenge = digestChallenge({
    status: 401,
    statusText: '',
    headers: { 'www-authenticate': ['Basic realm="x"', header] },
    body: '',
    bodyEncoding: 'utf8',
    url: '',
  })
  const request = { method: 'GET', url: 'http://www.example.org/dir/index.html' }
  const user = { user: 'Mufasa', password: 'Circle of Life' }
  const sent = withDigest(request, challenge!, user, 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ')
  expect(sent.headers?.['authorization']).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"')
})

test('OAuth 1 gives the signature of the example of the Twitter documentation', () => {
  const request = {
    method: 'POST',
    url: 'https://api.twitter.com/1.1/statuses/update.json?include_entities=true',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21',
  }
  const credential = {
    consumerKey: 'xvz1evFS4wEEPTGEFPHBog',
    consumerSecret: 'kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw',
    oauthTokenData: {
      oauth_token: '370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb',
      oauth_token_secret: 'LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE',
    },
  }
  const sent = withOAuth1(request, credential, 1_318_622_958, 'kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg')
  expect(sent.headers?.['authorization']).toContain(`oauth_signature="${encodeURIComponent('hCtSmYh+iHYCEqBWrE7C7hYmtUk=')}"`)
})
