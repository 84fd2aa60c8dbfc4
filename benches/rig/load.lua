-- The load of every benchmark, for wrk: bodies made of a template and one line of a sample file, drawn at random.
--
--   wrk … -s load.lua URL -- near|text TEMPLATE SAMPLES SEED
--
-- near: a sample is "latitude longitude" of a place; the centre asked is a random point up to about 500 m from it, so that
--       no two requests are the same and no cache can answer. Coordinates are padded to one width.
-- text: a sample is a text to search for.
--
-- The template is a JSON body with @LAT@ and @LON@, or @TEXT@, in it. With BENCH_CHECK=1 every answer is read and those
-- that carry GraphQL errors, or no place at all, are counted; the timed runs leave that out, as reading bodies in Lua would
-- take time from the servers on the same cores.

local JITTER_DEGREES = 0.005
local HEADERS = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }

local threads = {}
local kind, template, samples = nil, nil, {}
local head

local function read_lines(path)
  local lines = {}
  for line in io.lines(path) do lines[#lines + 1] = line end
  return lines
end

-- The text with every `from` replaced by `to`, both literal.
local function fill(text, from, to)
  return (text:gsub(from, function() return to end))
end

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function init(arguments)
  kind, template = arguments[1], table.concat(read_lines(arguments[2]), " ")
  samples = read_lines(arguments[3])
  math.randomseed(tonumber(arguments[4]) * 1000 + number)
  errors, empty, answers = 0, 0, 0
end

local function near_body()
  local latitude, longitude = samples[math.random(#samples)]:match("(%S+) (%S+)")
  latitude = tonumber(latitude) + (math.random() * 2 - 1) * JITTER_DEGREES
  longitude = tonumber(longitude) + (math.random() * 2 - 1) * JITTER_DEGREES
  local body = fill(template, "@LAT@", string.format("%11.6f", latitude))
  return fill(body, "@LON@", string.format("%11.6f", longitude))
end

function request()
  if kind == "text" then
    return wrk.format("POST", nil, HEADERS, fill(template, "@TEXT@", samples[math.random(#samples)]))
  end
  local body = near_body()
  -- All bodies are of one length: the head is formatted once.
  if not head then
    local whole = wrk.format("POST", nil, HEADERS, body)
    head = whole:sub(1, #whole - #body)
  end
  return head .. body
end

if os.getenv("BENCH_CHECK") == "1" then
  function response(status, headers, body)
    answers = answers + 1
    if body:find('"errors"', 1, true) then errors = errors + 1 end
    if not body:find('"id"', 1, true) then empty = empty + 1 end
  end
end

local function total(name)
  local sum = 0
  for _, thread in ipairs(threads) do sum = sum + (thread:get(name) or 0) end
  return sum
end

-- One line of JSON for the program that runs us; wrk's own table of latencies is printed before it.
function done(summary, latency)
  io.write(string.format(
    '@@ {"requests":%d,"seconds":%.3f,"bytes":%d,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"non_2xx":%d,"broken":%d,'
      .. '"checked":%d,"graphql_errors":%d,"empty":%d}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    total("answers"), total("errors"), total("empty")))
end
