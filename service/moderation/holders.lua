-- Who has what: {case, 'moderator|fence', expiry in ms, lanes, case, …} of the leases that have not run out.
local answer = {}
local running = redis.call('ZRANGEBYSCORE', leases, '(' .. text(time()), '+inf', 'WITHSCORES')
for i = 1, #running, 2 do
  local holder = redis.call('HGET', holders, running[i])
  if holder then
    answer[#answer + 1] = running[i]
    answer[#answer + 1] = holder
    answer[#answer + 1] = running[i + 1]
    answer[#answer + 1] = string.match(redis.call('HGET', home, running[i]) or '||', '^%d*|([^|]*)|')
  end
end
return answer
