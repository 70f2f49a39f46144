// npm run release [x64] [arm64]: a tarball for each architecture, in release/. It holds the program, the pinned Node, the
// packages and the built console, so that whoever unpacks it needs no registry and no compiler.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { isShipped } from './shipped.ts'

const ROOT = join(import.meta.dirname, '..')
const OUT = join(ROOT, 'release')
const ARCHITECTURES = ['x64', 'arm64'] as const
type Architecture = (typeof ARCHITECTURES)[number]

const asked = process.argv.slice(2)
const unknown = asked.find(word => !ARCHITECTURES.some(each => each === word))
if (unknown !== undefined) {
  console.error(`release: ${unknown} is no architecture: expected ${ARCHITECTURES.join(' or ')}`)
  process.exitCode = 1
} else {
  run(process.execPath, ['web/build.ts'], ROOT)
  mkdirSync(OUT, { recursive: true })
  const made = ARCHITECTURES.filter(each => asked.length === 0 || asked.includes(each)).map(pack)
  writeFileSync(join(OUT, 'SHA256SUMS'), made.map(path => `${digestOf(path)}  ${basename(path)}\n`).join(''))
}

function pack(architecture: Architecture): string {
  const name = `floodwarden-${manifest.version}-linux-${architecture}`
  const stage = mkdtempSync(join(tmpdir(), 'floodwarden-release-'))
  try {
    const folder = join(stage, name)
    for (const path of tracked().filter(isShipped)) copy(path, folder)
    cpSync(join(ROOT, 'web/dist'), join(folder, 'web/dist'), { recursive: true })
    install(folder, architecture)
    const tarball = join(OUT, `${name}.tar.gz`)
    // The same commit gives the same files in the same order, of nobody in particular.
    const plain = [
      `--mtime=@${committedAt()}`,
      '--sort=name',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=u+w,go-w,a+rX',
    ]
    run('tar', [...plain, '--use-compress-program=gzip -n', '-cf', tarball, '-C', stage, name], ROOT)
    console.log(`${tarball}: ${(statSync(tarball).size / 1e6).toFixed(1)} MB`)
    return tarball
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

/** Packages as the lock file has them, for another machine if need be; nothing of them is run. */
function install(folder: string, architecture: Architecture): void {
  const forInstalling = ['package-lock.json', 'web/check/package.json']
  for (const path of forInstalling) copy(path, folder)
  const words = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--workspaces=false']
  run('npm', [...words, '--os=linux', '--libc=glibc', `--cpu=${architecture}`], folder)
  rmSync(join(folder, 'web/check'), { recursive: true, force: true })
  rmSync(join(folder, 'node_modules/console-check'), { force: true })
}

function copy(path: string, folder: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  cpSync(join(ROOT, path), join(folder, path), { verbatimSymlinks: true })
}

function tracked(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  return listed.split('\0').filter(Boolean)
}

function committedAt(): string {
  return execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' }).trim()
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

function run(program: string, words: readonly string[], cwd: string): void {
  execFileSync(program, words, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
}
