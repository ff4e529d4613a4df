-- Keeps an event of a thread for those who come late, and tells those who listen.
-- KEYS: the thread's stream. ARGV: the event as JSON, channel, topic, events kept, seconds kept.
local id = redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[4], '*', 'e', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('PUBLISH', ARGV[2], ARGV[3] .. ' id: ' .. id .. '\ndata: ' .. ARGV[1] .. '\n\n')
return id
