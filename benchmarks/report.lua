-- Says what wrk measured in one line of JSON. wrk's times are microseconds.
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '{"answers": %d, "seconds": %.4f, "bytes": %d, "bad": %d, "p50": %.4f, "p99": %.4f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.status + errors.timeout + errors.connect + errors.read + errors.write,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
