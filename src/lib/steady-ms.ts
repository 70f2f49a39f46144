// A clock that nobody sets, the same in all threads.

/** Milliseconds since some moment in the past (CLOCK_MONOTONIC). */
export function steadyMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
