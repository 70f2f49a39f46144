// The files of this repository, read once, and what they import: what all tidy tests look at.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

export interface RepositoryFile {
  /** Relative to the root, with forward slashes. */
  readonly path: string
  readonly text: string
}

export const ROOT = join(import.meta.dirname, '../..')

const SKIPPED = ['.git', 'node_modules', '.state', 'out', 'dist', 'release']

/** Every text file; what git ignores is left out by the name of its folder. */
export const FILES: readonly RepositoryFile[] = readFolder('')

/** TypeScript anywhere in the repository. */
export const SOURCES = FILES.filter(file => file.path.endsWith('.ts'))

/** Parts of the console, which hold TypeScript too. */
export const COMPONENTS = FILES.filter(file => file.path.endsWith('.svelte'))

export const MARKDOWN = FILES.filter(file => file.path.endsWith('.md'))

export const isTest = (path: string): boolean => path.endsWith('.test.ts')

/** Tests, and what stands beside them only for them. */
export const isForTests = (path: string): boolean => isTest(path) || path.endsWith('-for-tests.ts')

/** A file that exists only inside a test, to see a check catch it. */
export const planted = (path: string, ...lines: string[]): RepositoryFile => ({
  path,
  text: `${lines.join('\n')}\n`,
})

function readFolder(folder: string): RepositoryFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .filter(
      entry =>
        !SKIPPED.includes(entry.name) && !entry.name.endsWith('.log') && !entry.name.startsWith('.buil'),
    )
    .flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return readFolder(path)
      const text = entry.isFile() ? readFileSync(join(ROOT, path), 'utf8') : '\0'
      return text.includes('\0') ? [] : [{ path, text }]
    })
}

const IMPORTS = [
  /^(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,?\s*)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?)?\s*from\s+'([^']+)'/gm,
  /^import '([^']+)'/gm,
  /\bimport\(\s*['"`]([^'"`$]+)/g,
  /\bnew URL\(\s*'([^']+)',\s*import\.meta\.url/g,
]

/** What a file names: paths from the root for its own repository, `node:fs` or a package name for others. */
export function importsOf(file: RepositoryFile): string[] {
  // A component's script is indented.
  const text = file.path.endsWith('.svelte') ? file.text.replace(/^ +/gm, '') : file.text
  const specifiers = IMPORTS.flatMap(pattern => [...text.matchAll(pattern)].map(match => match[1] ?? ''))
  return specifiers.map(specifier => resolve(file.path, specifier.split('?')[0] ?? ''))
}

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('#')) return `src/${specifier.slice(1)}`
  if (specifier.startsWith('.')) return normalize(join(dirname(from), specifier))
  return specifier
}
