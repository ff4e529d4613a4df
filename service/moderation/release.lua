-- Give leases back before they run out. ARGV: site, moderator, for how long (ms) they are not offered to them again,
-- then case, fence, case, fence, … Returns how many went back; what is not the moderator's own stays as it is.
local moderator, rest = ARGV[2], tonumber(ARGV[3])
local now, released = time(), {}
for i = 4, #ARGV, 2 do
  local case = ARGV[i]
  if rest > 0 then redis.call('ZADD', skips, text(now + rest), moderator .. '|' .. case) end
  if is_own(case, moderator, ARGV[i + 1]) then
    give_back(case)
    released[#released + 1] = case
  end
end
tell('released', released)
return #released
