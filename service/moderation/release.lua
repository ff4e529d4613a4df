-- Give leases back before they run out. ARGV: moderator, then case, fence, case, fence, …
-- Returns how many went back; what is not the moderator's own stays as it is.
local queue, leases, holders = KEYS[1], KEYS[2], KEYS[3]
local released = 0
for i = 2, #ARGV, 2 do
  local case, own = ARGV[i], ARGV[1] .. '|' .. ARGV[i + 1] .. '|'
  local holder = redis.call('HGET', holders, case)
  if holder and string.sub(holder, 1, #own) == own then
    redis.call('ZADD', queue, string.match(holder, '[^|]*$'), case)
    redis.call('ZREM', leases, case)
    redis.call('HDEL', holders, case)
    released = released + 1
  end
end
return released
