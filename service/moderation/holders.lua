-- Who has what: {case, 'moderator|fence|due', expiry in ms, case, …} of the leases that have not run out.
local leases, holders = KEYS[2], KEYS[3]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
local running = redis.call('ZRANGEBYSCORE', leases, '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES')
for i = 1, #running, 2 do
  local holder = redis.call('HGET', holders, running[i])
  if holder then
    answer[#answer + 1] = running[i]
    answer[#answer + 1] = holder
    answer[#answer + 1] = running[i + 1]
  end
end
return answer
