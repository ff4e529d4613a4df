-- What all scripts of the queue's index begin with. A site's keys, all under its hash tag:
local order, home, leases, holders, skips, active, fence, ready, rebuilding = unpack(KEYS)
local site, CHANNEL = ARGV[1], 'parley:desk'

local function text(number) return string.format('%.0f', number) end

local function time()
  local at = redis.call('TIME')
  return at[1] * 1000 + math.floor(at[2] / 1000)
end

-- Put a case into all its lanes (ZADD) or take it out of them (ZREM). Its home is 'due|lane,lane|account,account'.
local function place(case, into)
  local at = redis.call('HGET', home, case)
  if not at then return false end
  local due, lanes = string.match(at, '^(%d+)|([^|]*)|')
  for lane in string.gmatch(lanes, '[^,]+') do
    local member = lane .. ':' .. due .. ':' .. case
    if into then redis.call('ZADD', order, 0, member) else redis.call('ZREM', order, member) end
  end
  return true
end

local function give_back(case)
  redis.call('ZREM', leases, case)
  redis.call('HDEL', holders, case)
  return place(case, true)
end

-- Those who look at the desk hear of it; nothing depends on it.
local function tell(kind, cases, more)
  if #cases == 0 then return end
  local told = more or {}
  told.site, told.kind, told.cases = site, kind, cases
  redis.call('PUBLISH', CHANNEL, cjson.encode(told))
end

-- A holder is 'moderator|fence'.
local function is_own(case, moderator, number)
  return redis.call('HGET', holders, case) == moderator .. '|' .. number
end
