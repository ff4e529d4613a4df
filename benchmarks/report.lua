-- Says what wrk measured in one line of JSON. wrk's times are microseconds, and those of all answers.
function done(summary, latency, requests)
  local errors, refused = summary.errors, 0
  -- Where a script counts refusals: write.lua.
  for _, thread in ipairs(threads or {}) do refused = refused + thread:get("refused") end
  io.write(string.format(
    '{"answers": %d, "refused": %d, "seconds": %.4f, "bytes": %d, "bad": %d, "p50": %.4f, "p99": %.4f}\n',
    summary.requests, refused, summary.duration / 1e6, summary.bytes,
    errors.status - refused + errors.timeout + errors.connect + errors.read + errors.write,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3
  ))
end
