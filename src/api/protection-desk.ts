// What the routes of protection need of the daemon; app implements it.

import type { Incidents, IncidentsQuery, IncidentView, TagRequest } from './contract/incidents.ts'
import type { Profile, Protection } from './contract/protection.ts'
import type { PresetRequest, PresetWritten, ProtectionPreset } from './contract/protection-preset.ts'
import type {
  BlockedQuery,
  BlockedSources,
  BlockRequest,
  LookupRequest,
  ProtectionBackup,
  ProtectionCounters,
  ProtectionPreview,
  ProtectionPreviewRequest,
  ProtectionRestored,
  RestoreRequest,
  SourcesBlocked,
  Switched,
  SwitchRequest,
  Unblocked,
  UnblockRequest,
} from './contract/protection-requests.ts'
import type { Caller, Done } from './control.ts'
import type { SectionRefusal } from './resources.ts'

export type ProtectionRefusal =
  | 'unknown-profile'
  | 'unknown-incident'
  | 'no-countermeasure'
  | 'invalid-request'
  | 'protection-full'
  | 'protection-not-clean'
  | 'protection-not-possible'
  | 'bad-protection-backup'
  | 'protection-failed'

type Answer<Value> = Promise<Done<Value, ProtectionRefusal>>

/** Whoever is confined sees and switches profiles that cover nobody but his own; the rest is as if it did not exist. */
export interface ProtectionDesk {
  overview(by: Caller): Protection
  profile(id: string, by: Caller): Profile | undefined
  /** Writes the caller and his reason into the audit, also when it is refused. */
  switch(request: SwitchRequest, by: Caller): Answer<Switched>
  blocked(query: BlockedQuery, by: Caller): Answer<BlockedSources>
  block(request: BlockRequest, by: Caller): Answer<SourcesBlocked>
  unblock(request: UnblockRequest, by: Caller): Answer<Unblocked>
  /** Of one profile, or of all that the caller may see. */
  counters(profile: string | undefined, by: Caller): Answer<ProtectionCounters>
  preview(request: ProtectionPreviewRequest): Answer<ProtectionPreview>
  lookUp(request: LookupRequest, by: Caller): Profile | undefined
  backup(): ProtectionBackup
  restore(request: RestoreRequest, by: Caller): Answer<ProtectionRestored>
  incidents(query: IncidentsQuery, by: Caller): Incidents
  tag(request: TagRequest, by: Caller): Done<IncidentView, ProtectionRefusal>
}

export type PresetRefusal = SectionRefusal | 'protection-not-possible'

/** The usual preset, which is written into the configuration file: a profile that is not there is made with it. */
export interface PresetDesk {
  preset(id: string): Done<ProtectionPreset, PresetRefusal>
  write(request: PresetRequest, by: Caller): Promise<Done<PresetWritten, PresetRefusal>>
}
