-- What became of leases. ARGV: site, moderator, then case, fence, case, fence, …
-- Returns for each 'held', 'expired' (and nobody else has it), 'unknown', or the moderator who has it now.
local now, answer = time(), {}
for i = 3, #ARGV, 2 do
  local case = ARGV[i]
  local holder = redis.call('HGET', holders, case)
  local expires = redis.call('ZSCORE', leases, case)
  local known = 'unknown'
  if holder and expires then
    local owner = string.match(holder, '^[^|]*')
    -- Another fence of the same moderator is another window of the same person.
    if tonumber(expires) <= now then known = 'expired'
    elseif owner == ARGV[2] then known = 'held'
    else known = owner end
  elseif redis.call('HEXISTS', home, case) == 1 then
    known = 'expired'
  end
  answer[#answer + 1] = known
end
return answer
