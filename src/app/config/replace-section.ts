// Writes a section into a YAML file of settings: comments are kept, the file is replaced in one step, and what it said
// before stays beside it. Links are not followed: they could lead into a file of somebody else.

import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Document, isMap, parseDocument } from 'yaml'
import { mergeYaml } from './merge-yaml.ts'

export type Written =
  | { readonly kind: 'written'; readonly backup: string }
  /** The file is as it was; `error` says what to do. */
  | { readonly kind: 'failed'; readonly error: string }

/**
 * The text of a YAML file with `value` at a path of it; `undefined` takes the section out. Throws when the text is no
 * YAML, or when something else of it refers to what would go.
 */
export function withSection(text: string, path: readonly string[], value: unknown): string {
  const document: Document = parseDocument(text, { uniqueKeys: false })
  const [error] = document.errors
  if (error !== undefined) throw error
  if (!isMap(document.contents)) document.contents = document.createNode({})
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, mergeYaml(document, document.getIn(path, true), value))
  return document.toString({ lineWidth: 0, flowCollectionPadding: isPadded(text) })
}

/** The same with the section as somebody wrote it, comments and all; empty text takes it out. */
export function withSectionText(text: string, path: readonly string[], section: string): string {
  const own = parseDocument(section, { uniqueKeys: false })
  const { contents } = own
  if (contents === null) return withSection(text, path, undefined)
  const document: Document = parseDocument(text, { uniqueKeys: false })
  const [error] = [...document.errors, ...own.errors]
  if (error !== undefined) throw error
  if (!isMap(document.contents)) document.contents = document.createNode({})
  // What stands above the first entry belongs to the section.
  const above = [own.commentBefore, contents.commentBefore].filter(each => each != null).join('\n')
  if (above !== '') contents.commentBefore = above
  if (own.comment != null)
    contents.comment = [contents.comment, own.comment].filter(each => each != null).join('\n')
  document.setIn(path, contents)
  return document.toString({ lineWidth: 0, flowCollectionPadding: isPadded(text) })
}

/** Whether most brackets are written with a space inside, as in `[ 10.0.0.0/8 ]`: the others become so too. */
export function isPadded(text: string): boolean {
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0
  return count(/[[{] +[^\s#]/g) > count(/[[{][^\s\]}]/g)
}

/** Has the file say `text` if it still says `before`; the file of before is kept as `.bak`. All of it or nothing. */
export function replaceFile(path: string, before: string, text: string): Written {
  try {
    const stat = lstatSync(path)
    if (!stat.isFile()) return failed(`${path} is a link or no file: name the file itself to the daemon`)
    if (readFileSync(path, 'utf8') !== before) return failed(`${path} was changed meanwhile: read it again`)
    const backup = `${path}.bak`
    putInPlace(backup, before, stat)
    putInPlace(path, text, stat)
    return { kind: 'written', backup }
  } catch (error) {
    return failed(wordsOf(path, error))
  }
}

/** Has the file say again what it said before. */
export function restoreFile(path: string, text: string): Written {
  try {
    putInPlace(path, text, lstatSync(path))
    return { kind: 'written', backup: `${path}.bak` }
  } catch (error) {
    return failed(wordsOf(path, error))
  }
}

/** Written beside its place, brought to the disk, and moved there: whoever reads finds the one or the other, whole. */
function putInPlace(path: string, text: string, { mode, uid, gid }: Stats): void {
  const folder = dirname(path)
  const beingMade = join(folder, `.${basename(path)}.${randomUUID()}`)
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const file = openSync(beingMade, flags, 0o600)
  try {
    writeFileSync(file, text)
    keepOwner(file, uid, gid)
    fchmodSync(file, mode & 0o7777)
    fsyncSync(file)
    closeSync(file)
    renameSync(beingMade, path)
  } catch (error) {
    rmSync(beingMade, { force: true })
    throw error
  }
  const opened = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(opened)
  } finally {
    closeSync(opened)
  }
}

/** Only root may give files away; whoever may write the folder may replace the file all the same. */
function keepOwner(file: number, uid: number, gid: number): void {
  try {
    fchownSync(file, uid, gid)
  } catch {
    // It belongs to the daemon's user from now on.
  }
}

const failed = (error: string): Written => ({ kind: 'failed', error })

function wordsOf(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const folder = dirname(path)
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return `${path} cannot be written (${code}): let the daemon write into ${folder}, with systemd by ReadWritePaths=${folder}, or edit the file by hand`
  return `${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`
}
