-- Prolong leases that are still the moderator's own; one that ran out and was not taken meanwhile comes alive again.
-- ARGV: moderator, life in ms, then case, fence, case, fence, … Returns the expiry in ms of each, '0' for one lost.
local leases, holders = KEYS[2], KEYS[3]
local time = redis.call('TIME')
local expires = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2])
local answer = {}
for i = 3, #ARGV, 2 do
  local case, own = ARGV[i], ARGV[1] .. '|' .. ARGV[i + 1] .. '|'
  local holder = redis.call('HGET', holders, case)
  if holder and string.sub(holder, 1, #own) == own then
    redis.call('ZADD', leases, expires, case)
    answer[#answer + 1] = expires
  else
    answer[#answer + 1] = '0'
  end
end
return answer
