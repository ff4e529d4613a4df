-- Give cases their places. A case under lease stays with its holder and takes the new places when it comes back.
-- ARGV: site, a witness or '', then case, due time in ms (15 digits), lanes, accounts it is not for, case, …
-- Returns 1, or 0 when the witness is not the one of the rebuilding under way: then nothing was done.
if ARGV[2] ~= '' then
  if redis.call('GET', rebuilding) ~= ARGV[2] then return 0 end
  redis.call('PEXPIRE', rebuilding, 10000)
end
local opened = {}
for i = 3, #ARGV, 4 do
  local case = ARGV[i]
  local at = ARGV[i + 1] .. '|' .. ARGV[i + 2] .. '|' .. ARGV[i + 3]
  if redis.call('ZSCORE', leases, case) and redis.call('HEXISTS', holders, case) == 1 then
    redis.call('HSET', home, case, at)
  else
    if not place(case, false) and ARGV[2] == '' then opened[#opened + 1] = case end
    redis.call('HSET', home, case, at)
    give_back(case)
  end
end
tell('opened', opened)
return 1
