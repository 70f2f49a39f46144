// How long something takes, told by the processor: what else the machine does meanwhile does not count.

/** Milliseconds that this process worked so far, its threads together; differences of it are compared, not clocks. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
