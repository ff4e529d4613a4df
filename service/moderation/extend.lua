-- Prolong leases that are still the moderator's own; one that ran out and was not taken meanwhile comes alive again.
-- ARGV: site, moderator, life in ms, then case, fence, case, fence, … Returns the expiry in ms of each, '0' for one lost.
local now, answer = time(), {}
local expires = text(now + ARGV[3])
redis.call('ZADD', active, now, ARGV[2])
for i = 4, #ARGV, 2 do
  if is_own(ARGV[i], ARGV[2], ARGV[i + 1]) then
    redis.call('ZADD', leases, expires, ARGV[i])
    answer[#answer + 1] = expires
  else
    answer[#answer + 1] = '0'
  end
end
return answer
