// `rule`: rules by people that come from files.

import type { Command } from 'commander'
import { addVerb, type Context } from '../context.ts'
import { addRuleImport } from './rule-import.ts'
import { addRulePost } from './rule-post.ts'

export function addRule(program: Command, context: Context): void {
  const rule = addVerb(program, 'rule', 'make rules of files, or send them on', [
    'rule import rule.json',
    'rule post rule.json',
  ])
  addRuleImport(rule, context)
  addRulePost(rule, context)
}
