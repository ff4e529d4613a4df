-- Forget cases, wherever they are. ARGV: site, cases.
local gone = {}
for i = 2, #ARGV do
  local case = ARGV[i]
  if place(case, false) then gone[#gone + 1] = case end
  redis.call('HDEL', home, case)
  redis.call('ZREM', leases, case)
  redis.call('HDEL', holders, case)
end
tell('decided', gone)
return #gone
