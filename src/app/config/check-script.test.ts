import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { readYaml } from '#lib/yaml/read-yaml.ts'
import { checkScript } from './check-script.ts'
import { configSchema } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'floodwarden-check-script-'))
after(() => rmSync(folder, { recursive: true }))

/** What is said about a script with this text. */
function said(text: string | undefined, mode = 0o755): string[] {
  const path = join(folder, 'notify')
  if (text !== undefined) {
    writeFileSync(path, text)
    chmodSync(path, mode)
  }
  const yaml = `enforcement: { notifyScript: { path: ${path} } }`
  const problems = checkScript(configSchema.parse(readYaml(yaml, 'f').settings), readYaml(yaml, 'f'))
  return problems.map(problem => problem.message.replace(`${path} `, ''))
}

test('a script that is not there or that nobody may execute is told', () => {
  assert.deepEqual(said(undefined), ['is not there (ENOENT)'])
  assert.deepEqual(said('#!/bin/sh\n', 0o644), ['may not be executed'])
  assert.deepEqual(said('#!/bin/sh\n', 0o757), ['may be changed by everybody'])
})

test('a script that is not run as its first line should say is told', () => {
  assert.deepEqual(said('echo ban\n'), ['does not begin with #!, so /bin/sh runs it'])
  assert.deepEqual(said(''), ['is empty'])
  assert.deepEqual(said('#!/bin/sh\r\necho\r\n'), [
    'has CR LF at the end of its lines: /bin/sh is looked for with a CR',
  ])
  assert.deepEqual(said('#!/nowhere/perl -w\n'), ['is to be run by /nowhere/perl, which is not there'])
  assert.deepEqual(said('#!\n'), ['is to be run by nothing, which is not there'])
})

test('scripts and programs as they should be are not mentioned', () => {
  assert.deepEqual(said('#! /bin/sh -e\necho\n'), [])
  assert.deepEqual(said('#!/usr/bin/env sh'), [])
  assert.deepEqual(said('\x7fELF\x02\x01'), [])
})
