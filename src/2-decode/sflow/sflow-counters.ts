// What is counted of sFlow per exporter, beyond what all protocols count; all of it only grows.

export class SflowCounters {
  /** Samples of packets, compact or expanded. */
  flowSamples = 0
  /** Samples of packets that were discarded. */
  discardSamples = 0
  /** Samples of counters, compact or expanded. */
  counterSamples = 0
  /** Samples of kinds we do not know, those of vendors above all. */
  otherSamples = 0
  /** Samples whose lengths or counts cannot be; what came before the fault was used. */
  malformedSamples = 0
  /** Samples and datagrams with bytes behind their last part (Brocade). */
  paddedSamples = 0
  paddedDatagrams = 0
  /** Headers of packets. */
  headers = 0
  /** Headers longer than their record, or in a record without room for one (GHSA-852r-3wcv-pjx2). */
  malformedHeaders = 0
  /** Headers of link layers that we do not follow: token ring, frame relay, wireless. */
  unknownHeaders = 0
  /** Packets told in fields instead of by their header. */
  ethernetRecords = 0
  ipRecords = 0
  switchRecords = 0
  routerRecords = 0
  gatewayRecords = 0
  mplsRecords = 0
  natRecords = 0
  tunnelRecords = 0
  vlanRecords = 0
  /** Records of kinds that say nothing to us, and of vendors. */
  otherRecords = 0
  /** Samples of flows and discards that were lost on their way, by the sequence of each source. */
  lostSamples = 0
  /** Packets an exporter chose for sampling and then dropped for want of resources, or of its limit on discards. */
  droppedByExporter = 0
  /** Samples of sources beyond the bound, whose sequence is not followed. */
  unfollowedSamples = 0
  /** Blocks of interface counters, and interfaces forgotten for others because the bound was reached. */
  interfaceRecords = 0
  evictedInterfaces = 0
  refusedInterfaces = 0
}
