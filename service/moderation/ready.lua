-- End a rebuilding: from now on these queues are whole. ARGV: site, its witness, then queue, version, queue, …
-- Returns 0 when the witness is gone: then keys were lost in the middle, or another one has taken over.
if redis.call('GET', rebuilding) ~= ARGV[2] then return 0 end
for i = 3, #ARGV, 2 do redis.call('HSET', ready, ARGV[i], ARGV[i + 1]) end
redis.call('DEL', rebuilding)
return 1
