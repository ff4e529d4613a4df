-- Makes a different request each time. Python puts METHOD, PATH, BODY, HEADERS, TEXTS, TARGETS and SEED before this;
-- {text}, {target} and {n} in them stand for a text, one of the targets, and a number that comes once.
local function lines(name)
  local found = {}
  for line in io.lines(name) do found[#found + 1] = line end
  return found
end

local texts, targets, count = lines(TEXTS), lines(TARGETS), 0

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
