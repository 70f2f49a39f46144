// Routes of protection: profiles, switches, blocked sources, counters, previews, backups, incidents.

import { incidentSchema, incidentsInput, incidentsSchema, tagIncidentInput } from './incidents.ts'
import { profileSchema, protectionSchema } from './protection.ts'
import { presetInput, presetSchema, presetWrittenSchema } from './protection-preset.ts'
import {
  blockedInput,
  blockedSourcesSchema,
  blockInput,
  countersInput,
  lookedUpSchema,
  lookupInput,
  previewedProtectionSchema,
  previewProtectionInput,
  profileInput,
  protectionBackupSchema,
  protectionCountersSchema,
  restoredProtectionSchema,
  restoreProtectionInput,
  sourcesBlockedSchema,
  switchedSchema,
  switchInput,
  unblockedSchema,
  unblockInput,
} from './protection-requests.ts'
import { get, type Route, write } from './route.ts'
import { nothing } from './values.ts'

export const PROTECTION_ROUTES = {
  protection: get('/protection', 'Protection profiles, and how they fare.', nothing, protectionSchema),
  protectionProfile: get('/protection/profiles/:id', 'One protection profile.', profileInput, profileSchema),
  protectionPreset: get(
    '/protection/profiles/:id/preset',
    'What a profile has, and lacks, of the usual countermeasures.',
    profileInput,
    presetSchema,
  ),
  writeProtectionPreset: write(
    'POST',
    '/protection/profiles/:id/preset',
    'Writes what a profile lacks of the usual countermeasures into the configuration file and reloads it.',
    presetInput,
    presetWrittenSchema,
  ),
  switchProtection: write(
    'POST',
    '/protection/profiles/:id/switch',
    'Switches a profile, or one of its countermeasures, on, off or to monitor mode.',
    switchInput,
    switchedSchema,
  ),
  blockedSources: get(
    '/protection/blocked',
    'Sources that are blocked for a time.',
    blockedInput,
    blockedSourcesSchema,
  ),
  blockSources: write(
    'POST',
    '/protection/profiles/:id/blocked',
    'Puts sources onto the temporary blacklist of a profile.',
    blockInput,
    sourcesBlockedSchema,
  ),
  unblockSource: write(
    'DELETE',
    '/protection/profiles/:id/blocked/:source',
    'Takes a source off all lists of a profile that end by themselves.',
    unblockInput,
    unblockedSchema,
  ),
  protectionCounters: get(
    '/protection/counters',
    'What countermeasures did, as it is read now.',
    countersInput,
    protectionCountersSchema,
  ),
  previewProtection: write(
    'POST',
    '/protection/preview',
    'What would be carried out, now or after a switch. Nothing is changed.',
    previewProtectionInput,
    previewedProtectionSchema,
  ),
  protectionFor: get(
    '/protection/lookup',
    'The profile whose countermeasures a packet would meet.',
    lookupInput,
    lookedUpSchema,
  ),
  protectionBackup: get(
    '/protection/backup',
    'How people have switched profiles, to be put back.',
    nothing,
    protectionBackupSchema,
  ),
  restoreProtection: write(
    'POST',
    '/protection/restore',
    'Puts a backup back, in the safe order: all of it or nothing.',
    restoreProtectionInput,
    restoredProtectionSchema,
  ),
  protectionIncidents: get(
    '/protection/incidents',
    'When which profile was needed, and what was dropped.',
    incidentsInput,
    incidentsSchema,
  ),
  tagIncident: write(
    'POST',
    '/protection/incidents/:id/tags',
    'Adds tags to an incident.',
    tagIncidentInput,
    incidentSchema,
  ),
} as const satisfies Record<string, Route>
