-- Makes a different request each time. Python puts METHOD, PATH, BODY, HEADERS, TEXTS, TARGETS, SEED and PAUSE before;
-- {text}, {target} and {n} in them stand for a text, one of the targets, and a number that comes once.
local function lines(name)
  local found = {}
  for line in io.lines(name) do found[#found + 1] = line end
  return found
end

local texts, targets, count = lines(TEXTS), lines(TARGETS), 0
-- Answers that said to come again, how many of those have not been heeded yet, and when that is (milliseconds).
refused = 0
local waiting, again = 0, 1000

function setup(thread)
  threads = threads or {}
  threads[#threads + 1] = thread
end

function init()
  math.randomseed(SEED)
end

function request()
  count = count + 1
  local n = string.format("%d-%d", SEED, count)
  local fill = { n = n, target = targets[math.random(#targets)], text = texts[math.random(#texts)] .. " " .. n }
  local headers = { ["Content-Type"] = "application/json" }
  for name, value in pairs(HEADERS) do headers[name] = value:gsub("{(%w+)}", fill) end
  headers["X-Forwarded-For"] = string.format("10.%d.%d.%d", math.random(0, 255), math.random(0, 255), math.random(1, 254))
  return wrk.format(METHOD, (PATH:gsub("{(%w+)}", fill)), headers, (BODY:gsub("{(%w+)}", fill)))
end

-- Who is refused comes again when it was told to. Which of the connections that is makes no difference: all are alike.
function response(status, headers)
  if status ~= 503 then return end
  refused = refused + 1
  waiting = waiting + 1
  again = 1000 * (tonumber(headers["retry-after"] or headers["Retry-After"]) or 1)
end

function delay()
  if waiting == 0 then return PAUSE end
  waiting = waiting - 1
  return again
end
