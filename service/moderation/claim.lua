-- Lease the most pressing cases of a site to one moderator.
-- KEYS (of all scripts here): queue, leases, holders, fence, ready, rebuilding.
-- ARGV: moderator, cases wanted, life in ms, most cases the moderator may hold.
-- Returns {'unready'}, {'full'} or {'ok', expiry in ms, case, fence, case, fence, …}.
local queue, leases, holders, fence, ready = unpack(KEYS)
if redis.call('EXISTS', ready) == 0 then return {'unready'} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- What ran out goes back to its place. A holder is 'moderator|fence|due'.
for _, case in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 200)) do
  local holder = redis.call('HGET', holders, case)
  redis.call('ZADD', queue, holder and string.match(holder, '[^|]*$') or now, case)
  redis.call('ZREM', leases, case)
  redis.call('HDEL', holders, case)
end

local prefix, held = ARGV[1] .. '|', 0
for _, holder in ipairs(redis.call('HVALS', holders)) do
  if string.sub(holder, 1, #prefix) == prefix then held = held + 1 end
end
local room = tonumber(ARGV[4]) - held
if room <= 0 then return {'full'} end

-- Begins at the time and not at 1: after a loss of all keys no old fence is given out again.
redis.call('SET', fence, string.format('%.0f', now), 'NX')
local expires = string.format('%.0f', now + ARGV[3])
local answer = {'ok', expires}
local taken = redis.call('ZPOPMIN', queue, math.min(tonumber(ARGV[2]), room))
for i = 1, #taken, 2 do
  local number = redis.call('INCR', fence)
  redis.call('ZADD', leases, expires, taken[i])
  redis.call('HSET', holders, taken[i], prefix .. string.format('%.0f', number) .. '|' .. taken[i + 1])
  answer[#answer + 1] = taken[i]
  answer[#answer + 1] = string.format('%.0f', number)
end
return answer
