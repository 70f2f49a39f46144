// The reference of the API as a page: every operation, who may call it, and what it takes.

import { openApiDocument } from '#api/openapi/document.ts'
import { fieldsOf } from '#api/openapi/reference-page.ts'
import { pageHead } from './exports.ts'

const INTRODUCTION = `
The same contract on the control socket and on the network (\`api.listen\`). A running daemon serves it as OpenAPI 3.1 at
\`/api/v1/openapi.json\` and with all schemas at \`/api/v1/reference\`. Refusals are problem documents (RFC 9457) with the
codes of [errors.md](errors.md). Where it listens, how it is
asked from elsewhere and how a request is repeated: [api.md](../operate/api.md). How to get in: [access.md](../operate/access.md).
`

export function apiPage(): string {
  const document = openApiDocument('')
  const parts = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const role = String(operation['x-role'])
      const reach = operation['x-reach'] === 'customers' ? ', within its customers' : ''
      const fields = fieldsOf(operation).map(
        ({ name, place, required, description }) =>
          `| \`${name}\` | ${place}${required ? ', required' : ''} | ${description.replaceAll('|', '\\\\|')} |`,
      )
      const table =
        fields.length === 0 ? '' : `\n\n| field | where | what |\n|---|---|---|\n${fields.join('\n')}`
      return `### ${method.toUpperCase()} ${path}\n\n${operation.summary} Role: ${role}${reach}.${table}`
    }),
  )
  return `${pageHead('API', 'src/api/contract')}${INTRODUCTION}\n${parts.join('\n\n')}\n`
}
