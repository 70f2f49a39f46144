import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFor } from './negotiate.ts'

const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'
const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2'

test('Prometheus gets OpenMetrics, whoever asks for text or for nothing gets text', () => {
  for (const accept of [
    PROMETHEUS_2,
    PROMETHEUS_3,
    'application/openmetrics-text',
    'Application/OpenMetrics-Text; version="1.0.0"',
  ])
    assert.equal(formatFor(accept), 'openmetrics', accept)
  for (const accept of [
    ...[undefined, '', '*/*', 'text/plain', 'text/html,*/*;q=0.8', ',;q', 'application/*'],
    ...['application/openmetrics-text;version=0.0.1', 'application/openmetrics-text;version=2.0.0'],
    ...['application/openmetrics-text;q=0', 'application/openmetrics-text;q=0.4,text/plain;q=0.5'],
    ...['application/openmetrics-text;q=x', 'application/openmetrics-text;q=7'],
  ])
    assert.equal(formatFor(accept), 'text', String(accept))
})
