import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, mainWith, said } from './folder-for-tests.ts'

const apiOf = (http: object): unknown => {
  const { settings } = folderWith({ 'prefixd.yaml': mainWith({ http }) })
  return JSON.parse(JSON.stringify(settings)).api
}

const told = (http: object): string[] =>
  said(folderWith({ 'prefixd.yaml': mainWith({ http }) }).problems).filter(line => / http\./.test(line))

test('its API goes on where it listened, by the same token, certificates and rates', () => {
  const http = {
    listen: 'localhost:8080',
    auth: { mode: 'bearer', bearer_token_env: 'OURS' },
    rate_limit: { events_per_second: 50, burst: 100 },
    tls: { cert_path: '/tls/cert.pem', key_path: '/tls/key.pem', ca_path: '/tls/ca.pem' },
    cors_origin: 'https://console.example.org',
  }

  assert.deepEqual(apiOf(http), {
    listen: '127.0.0.1:8080',
    access: { mode: 'bearer', bearerTokenEnv: 'OURS', perIdentity: { perSecond: 50, burst: 100 } },
    tls: { certificate: '/tls/cert.pem', key: '/tls/key.pem', clientAuthority: '/tls/ca.pem' },
    corsOrigin: 'https://console.example.org',
  })
})

test('an API without any credential stays open on the loopback alone', () => {
  const open = (listen: string) => ({ listen, auth: { mode: 'none' } })

  assert.deepEqual(apiOf(open('127.0.0.1:8080')), { listen: '127.0.0.1:8080', access: { mode: 'none' } })
  assert.deepEqual(apiOf(open('0.0.0.0:8080')), { listen: '0.0.0.0:8080', access: { mode: 'hybrid' } })
  assert.match(told(open('0.0.0.0:8080')).join(), /warning prefixd-bound http\.auth\.mode: none would let/)
  assert.match(told(open('gateway:8080')).join(), /error prefixd-value http\.listen: expected ADDRESS:PORT/)
})
