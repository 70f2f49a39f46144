// What is counted per exporter; all of it only grows. Losses by sequence numbers stand with the domains.

export class ExporterCounters {
  /** Datagrams, or messages of IPFIX over TCP. */
  datagrams = 0
  /** Lengths and forms that cannot be, in datagrams or in parts of them; what came before the fault was used. */
  malformed = 0
  /** Records of data, and of sFlow samples of packets, whatever became of them. */
  records = 0
  /** Records given to the taker; both ways of a record of two count. */
  taken = 0
  /** Records of options. */
  optionRecords = 0
  /** Definitions of templates, repetitions too. */
  templateDefinitions = 0
  /** Definitions that gave an identifier another layout. */
  templatesChanged = 0
  templatesWithdrawn = 0
  templatesExpired = 0
  /** Definitions that could not be used: beyond the bounds, or of records without bytes. */
  templatesRefused = 0
  /** Fields in templates whose length their type cannot have. */
  oddFields = 0
  /** Sets of data whose template was not known when they came. */
  unknownTemplateSets = 0
  /** Of those: kept, decoded when the template came, lost because no room was left or none came in time. */
  heldSets = 0
  releasedSets = 0
  droppedSets = 0
  /** Records without a source and a target address. */
  withoutAddress = 0
  /** Records that count neither packets nor bytes. */
  empty = 0
  /** Records of address translation, which repeat what flow records tell. */
  natEvents = 0
  /** Records with more bytes or packets than any link carries. */
  implausible = 0
  /** Records that end before they begin; their duration is taken as unknown. */
  negativeDurations = 0
  /** Records whose frame section could not be decoded as IP. */
  undecodedFrames = 0
  /** Sampling rates that cannot be, or for more samplers than are remembered. */
  refusedRates = 0
  /** Changes of sampling rates. */
  rateChanges = 0
  /** Datagrams of observation domains beyond the bound. */
  refusedDomains = 0
  /** Events that nobody fetched in time. */
  lostEvents = 0
}
