// A clock that nobody sets, the same in all threads: performance.now() begins anew in each of them.

/** Milliseconds since some moment in the past (CLOCK_MONOTONIC). */
export function steadyMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
