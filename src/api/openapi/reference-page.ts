// The reference of the API as one page of HTML: every operation with its fields. It needs nothing but itself.

import type { OpenApi, Operation } from './document.ts'

/** Only what stands in the page itself; nothing of it runs. */
export const PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
h2{margin-top:2.5rem;border-bottom:1px solid #ccc}code,pre{font:13px/1.4 ui-monospace,monospace}
.operation{margin:1.25rem 0}.method{display:inline-block;min-width:4.5rem;font-weight:700}
table{border-collapse:collapse;margin:.5rem 0}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
summary{cursor:pointer}pre{overflow:auto;padding:.6rem;background:#f4f4f4}.role{color:#555}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#161616}h2{border-color:#444}pre{background:#222}.role{color:#aaa}}`

export function referencePage(document: OpenApi): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const byTag = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '')
  const sections = [...byTag].map(
    ([tag, each]) => `<h2 id="${text(tag)}">${text(tag)}</h2>${each.map(operationHtml).join('')}`,
  )
  const links = [...byTag.keys()].map(tag => `<a href="#${text(tag)}">${text(tag)}</a>`)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Floodwarden API</title><style>${STYLE}</style></head><body><h1>Floodwarden API</h1>
<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1). Refusals are problem documents (RFC 9457).
With a header Idempotency-Key a POST that is sent again is done once.</p>
<nav>${links.join(' · ')}</nav>${sections.join('')}</body></html>`
}

interface Placed {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

function operationHtml({ path, method, operation }: Placed): string {
  const role = String(operation['x-role'] ?? 'public')
  const rows = fieldsOf(operation).map(
    ({ name, place, required, description }) =>
      `<tr><td><code>${text(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td>${text(description)}</td></tr>`,
  )
  const table = rows.length === 0 ? '' : `<table>${rows.join('')}</table>`
  const schemas = JSON.stringify(
    { body: operation['requestBody'], responses: operation['responses'] },
    null,
    2,
  )
  return `<div class="operation" id="${text(operation.operationId)}"><span class="method">${method.toUpperCase()}</span>
<code>${text(path)}</code> <span class="role">${text(role)}</span><br>${text(operation.summary)}${table}
<details><summary>schemas</summary><pre>${text(schemas)}</pre></details></div>`
}

export interface Field {
  readonly name: string
  readonly place: string
  readonly required: boolean
  readonly description: string
}

interface Described {
  readonly description?: string
}

interface Shape {
  readonly parameters?: readonly (Described & {
    readonly name: string
    readonly in: string
    readonly required: boolean
  })[]
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly schema: {
          readonly properties: Readonly<Record<string, Described>>
          readonly required: readonly string[]
        }
      }
    }
  }
}

/** What an operation takes, wherever it travels; a header is the same for all, and told once. */
export function fieldsOf(operation: Operation): Field[] {
  const { parameters = [], requestBody } = operation as Shape
  const { properties = {}, required = [] } = requestBody?.content['application/json'].schema ?? {}
  return [
    ...parameters
      .filter(({ in: place }) => place !== 'header')
      .map(({ name, in: place, required: isRequired, description = '' }) => ({
        ...{ name, place, required: isRequired, description },
      })),
    ...Object.entries(properties).map(([name, { description = '' }]) => ({
      ...{ name, place: 'body', required: required.includes(name), description },
    })),
  ]
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const text = (raw: string): string => raw.replace(/[&<>"]/g, character => ESCAPES[character] ?? character)
