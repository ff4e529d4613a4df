-- A moderator goes: everything they hold goes back, and nothing is kept for them. ARGV: site, moderator.
local prefix, released = ARGV[2] .. '|', {}
local all = redis.call('HGETALL', holders)
for i = 1, #all, 2 do
  if string.sub(all[i + 1], 1, #prefix) == prefix then
    give_back(all[i])
    released[#released + 1] = all[i]
  end
end
redis.call('ZREM', active, ARGV[2])
tell('released', released)
return #released
