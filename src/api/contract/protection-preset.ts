// The usual preset of a protection profile: what makes the countermeasures that usually answer an attack worth switching on.

import { z } from 'zod'
import { countermeasureName, profileId } from './protection.ts'
import { reloadSchema } from './reload.ts'
import { plainText } from './values.ts'

export const presetSchema = z.object({
  profile: z.string(),
  parts: z.array(
    z.object({
      name: countermeasureName,
      state: z.enum(['there', 'missing']).describe('there: nothing is changed of it.'),
      text: z.string().describe('What is put there, in words.'),
    }),
  ),
})

export const presetInput = z.strictObject({
  id: profileId,
  reason: plainText(200).min(1).describe('Why, for the audit.'),
})

export const presetWrittenSchema = z.object({
  added: z.array(countermeasureName).describe('Empty: all of it was there.'),
  file: z.string(),
  backup: z.string().optional().describe('The file as it was before. Missing: nothing was written.'),
  reload: reloadSchema.optional().describe('What came of it. Missing: nothing was written.'),
})

export type ProtectionPreset = z.infer<typeof presetSchema>
export type PresetRequest = z.infer<typeof presetInput>
export type PresetWritten = z.infer<typeof presetWrittenSchema>
