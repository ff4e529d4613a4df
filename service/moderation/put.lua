-- Give cases their place. A case under lease stays with its holder and takes the new place when it comes back.
-- ARGV: a witness, or ''; then case, due time in ms, case, due time, …
-- Returns 1, or 0 when the witness is not the one of the rebuilding under way: then nothing was done.
local queue, leases, holders, rebuilding = KEYS[1], KEYS[2], KEYS[3], KEYS[6]
if ARGV[1] ~= '' then
  if redis.call('GET', rebuilding) ~= ARGV[1] then return 0 end
  redis.call('PEXPIRE', rebuilding, 10000)
end
for i = 2, #ARGV, 2 do
  local case, due = ARGV[i], ARGV[i + 1]
  local holder = redis.call('HGET', holders, case)
  if holder and redis.call('ZSCORE', leases, case) then
    redis.call('HSET', holders, case, string.match(holder, '^[^|]*|[^|]*|') .. due)
  else
    redis.call('HDEL', holders, case)
    redis.call('ZREM', leases, case)
    redis.call('ZADD', queue, due, case)
  end
end
return 1
