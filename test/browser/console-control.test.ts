// The console in a real browser, over a real daemon: what a person does to mitigations, rules and settings. The rest is in console.test.ts.

import { test } from 'node:test'
import { armingScenes } from './arming-scenes.ts'
import { ConsoleStage, playScenes } from './console-stage.ts'
import { CONTROL_SCENES, controlSettings } from './control-scenes.ts'
import { KernelOfItsOwn } from './kernel-of-its-own.ts'
import { hearsTheNews } from './news-scene.ts'
import { NOTIFY_SETTINGS } from './notify-scenes.ts'

test('the console in Chromium: mitigations, rules and settings', async t => {
  const kernel = new KernelOfItsOwn(t)
  const stage = await ConsoleStage.open(t, { more: controlSettings(kernel.program) + NOTIFY_SETTINGS })
  if (stage === undefined) return
  // One after the other: they share the daemon, and what is done to it.
  await playScenes(t, stage, {
    ...CONTROL_SCENES,
    ...armingScenes(kernel),
    'what happens is shown to whoever wants it, but for what he has muted': hearsTheNews,
  })
})
