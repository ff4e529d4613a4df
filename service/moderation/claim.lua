-- Lease the most pressing cases of a queue to one moderator.
-- ARGV: site, moderator, cases wanted, life in ms, most cases the moderator may hold, queue, its version,
-- how long somebody counts as working (ms), then the lanes to take from.
-- Returns {'unready'}, {'full'} or {'ok', expiry in ms, case, fence, case, fence, …}.
local moderator, wanted = ARGV[2], tonumber(ARGV[3])
if not redis.call('HGET', ready, 'all') or redis.call('HGET', ready, ARGV[6]) ~= ARGV[7] then return {'unready'} end
local now = time()

-- What ran out goes back to its place.
local over = redis.call('ZRANGEBYSCORE', leases, '-inf', now, 'LIMIT', 0, 200)
-- A clock that ran ahead has given leases until tomorrow; none is given for an hour and twice its life.
local ahead = now + 2 * tonumber(ARGV[4]) + 3600000
for _, case in ipairs(redis.call('ZRANGEBYSCORE', leases, ahead, '+inf', 'LIMIT', 0, 200)) do over[#over + 1] = case end
for _, case in ipairs(over) do give_back(case) end
tell('released', over)
redis.call('ZREMRANGEBYSCORE', skips, '-inf', now)

local held, mine = {}, 0
for _, holder in ipairs(redis.call('HVALS', holders)) do
  local who = string.match(holder, '^[^|]*')
  held[who] = (held[who] or 0) + 1
end
mine = held[moderator] or 0
local room = tonumber(ARGV[5]) - mine
if room <= 0 then return {'full'} end

-- Fair shares: what waits is dealt among this one and those who are at work and have nothing in hand.
redis.call('ZADD', active, now, moderator)
redis.call('ZREMRANGEBYSCORE', active, '-inf', now - tonumber(ARGV[8]))
local sharers, waiting = 1, 0
for _, who in ipairs(redis.call('ZRANGE', active, 0, 200)) do
  if who ~= moderator and not held[who] then sharers = sharers + 1 end
end
local lanes, chunk = {}, wanted + 25
for i = 9, #ARGV do
  local lane = ARGV[i]
  waiting = waiting + redis.call('ZLEXCOUNT', order, '[' .. lane .. ':', '(' .. lane .. ';')
  lanes[#lanes + 1] = {name = lane, from = '[' .. lane .. ':', list = {}, at = 1}
end
wanted = math.min(wanted, room, math.max(1, math.ceil(waiting / sharers)))

local function head(lane)
  if lane.at > #lane.list and not lane.over then
    lane.list = redis.call('ZRANGEBYLEX', order, lane.from, '(' .. lane.name .. ';', 'LIMIT', 0, chunk)
    lane.at, lane.over = 1, #lane.list < chunk
    if #lane.list > 0 then lane.from = '(' .. lane.list[#lane.list] end
  end
  local member = lane.list[lane.at]
  return member and string.sub(member, #lane.name + 2)
end

local function is_for_me(case)
  if redis.call('ZSCORE', skips, moderator .. '|' .. case) then return false end
  local barred = string.match(redis.call('HGET', home, case) or '||', '|([^|]*)$')
  return not string.find(',' .. barred .. ',', ',' .. moderator .. ',', 1, true)
end

-- Begins at the time and not at 1: after a loss of all keys no old fence is given out again.
redis.call('SET', fence, text(now), 'NX')
local expires = text(now + ARGV[4])
local answer, taken, looked_at = {'ok', expires}, {}, 0
while #taken < wanted and looked_at < 5000 do
  local first, from
  for _, lane in ipairs(lanes) do
    local found = head(lane)
    if found and (not first or found < first) then first, from = found, lane end
  end
  if not first then break end
  from.at, looked_at = from.at + 1, looked_at + 1
  local case = string.match(first, ':(%d+)$')
  if is_for_me(case) and not redis.call('ZSCORE', leases, case) then
    local number = text(redis.call('INCR', fence))
    place(case, false)
    redis.call('ZADD', leases, expires, case)
    redis.call('HSET', holders, case, moderator .. '|' .. number)
    taken[#taken + 1] = case
    answer[#answer + 1] = case
    answer[#answer + 1] = number
  end
end
tell('held', taken, {by = moderator, till = expires})
return answer
