-- End a rebuilding: from now on the queue is whole. ARGV: its witness.
-- Returns 0 when the witness is gone: then keys were lost in the middle, or another one has taken over.
if redis.call('GET', KEYS[6]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[5], '1')
redis.call('DEL', KEYS[6])
return 1
