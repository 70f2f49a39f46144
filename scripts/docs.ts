// Writes the reference pages, the commented example and the JSON Schema from the code; --check only says which are stale.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { apiPage } from './docs/api-page.ts'
import { cliPage } from './docs/cli-page.ts'
import { configurationPage } from './docs/configuration-page.ts'
import { errorsPage } from './docs/errors-page.ts'
import { exampleYaml } from './docs/example-yaml.ts'
import { fastnetmonOptionsPage } from './docs/fastnetmon-options-page.ts'
import { distilledSchemaText, jsonSchemaText, reportSchemaText } from './docs/json-schema.ts'
import { metricsPage } from './docs/metrics-page.ts'
import { prefixdKeysPage } from './docs/prefixd-keys-page.ts'
import { suspicionPage } from './docs/suspicion-page.ts'
import { vectorsPage } from './docs/vectors-page.ts'

const ROOT = join(import.meta.dirname, '..')

/** Path of each generated file, and who makes its text. The same code gives the same text, byte for byte. */
const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  'config/floodwarden.example.yaml': exampleYaml,
  'docs/reference/api.md': apiPage,
  'docs/reference/cli.md': cliPage,
  'docs/reference/configuration.md': configurationPage,
  'docs/reference/distilled.schema.json': distilledSchemaText,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/fastnetmon-options.md': fastnetmonOptionsPage,
  'docs/reference/floodwarden.schema.json': jsonSchemaText,
  'docs/reference/metrics.md': metricsPage,
  'docs/reference/prefixd-keys.md': prefixdKeysPage,
  'docs/reference/report.schema.json': reportSchemaText,
  'docs/reference/suspicion.md': suspicionPage,
  'docs/reference/vectors.md': vectorsPage,
}

/** Generated files whose text on disk is not what the code says now. */
export async function stalePages(): Promise<string[]> {
  const stale: string[] = []
  for (const [path, make] of Object.entries(PAGES)) {
    if ((await make()) !== textOf(path)) stale.push(path)
  }
  return stale
}

async function writePages(): Promise<void> {
  for (const [path, make] of Object.entries(PAGES)) {
    const text = await make()
    if (text === textOf(path)) continue
    mkdirSync(dirname(join(ROOT, path)), { recursive: true })
    writeFileSync(join(ROOT, path), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(join(ROOT, path), 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    const stale = await stalePages()
    for (const path of stale) process.stdout.write(`stale: ${path}\n`)
    if (stale.length > 0) {
      process.stdout.write('run npm run docs\n')
      process.exitCode = 1
    }
  } else {
    await writePages()
  }
}
