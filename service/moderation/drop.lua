-- Forget cases, wherever they are. ARGV: cases.
for _, case in ipairs(ARGV) do
  redis.call('ZREM', KEYS[1], case)
  redis.call('ZREM', KEYS[2], case)
  redis.call('HDEL', KEYS[3], case)
end
return #ARGV
