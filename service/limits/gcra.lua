-- Generic cell rate algorithm (ITU-T I.371, "virtual scheduling") for several buckets at once.
-- KEYS: one per bucket. ARGV: for each bucket the interval between cells and the window, both in microseconds.
-- A bucket is one number: when it will be empty again. All buckets are asked first; only if every one has room is a
-- cell taken from each, so a refused try costs nothing and does not lengthen the wait.
-- Returns: the index of the bucket to wait for longest (0: none), that wait, then per bucket {cells left, full after}.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local empty_at, refused, longest = {}, 0, 0
for i, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local at = math.max(now, tonumber(redis.call('GET', key) or 0))
  -- A bucket is never fuller than its window: this one was filled by a clock that ran ahead, and would lock all out.
  if at > now + window + interval then at = now end
  empty_at[i] = at
  local wait = at + interval - window - now
  if wait > longest then refused, longest = i, wait end
end
local answer = {refused, longest}
for i, key in ipairs(KEYS) do
  local interval, window = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  if refused == 0 then
    empty_at[i] = empty_at[i] + interval
    redis.call('SET', key, string.format('%.0f', empty_at[i]), 'PX', math.ceil((empty_at[i] - now) / 1000) + 1)
  end
  answer[#answer + 1] = math.floor((window - (empty_at[i] - now)) / interval)
  answer[#answer + 1] = empty_at[i] - now
end
return answer
