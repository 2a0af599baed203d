-- Sends the requests of a file in turn, again and again: one a line, method, path and body with tabs in between. With a
-- second argument that many a second, at random moments, whatever the answers take; else the next one follows an answer.
-- Prints one line of figures for wrk.py, times in microseconds.

local ffi = require("ffi")
ffi.cdef("typedef struct { long s, ns; } moment; int clock_gettime(int, moment *);")

local requests, at = {}, 0

local function milliseconds()
   local moment = ffi.new("moment")
   ffi.C.clock_gettime(1, moment)
   return tonumber(moment.s) * 1000 + tonumber(moment.ns) / 1000000
end

local function pace(rate)
   local turn = milliseconds()
   math.randomseed(turn)
   -- wrk only waits where there is such a function.
   function delay()
      -- Late turns are made up for, and so the rate holds.
      turn = turn - math.log(1 - math.random()) * 1000 / rate
      return math.max(0, turn - milliseconds())
   end
end

function init(args)
   for line in io.lines(args[1]) do
      local method, path, body = line:match("^(%S+)\t(%S+)\t(.*)$")
      requests[#requests + 1] = wrk.format(method, path, nil, body ~= "" and body or nil)
   end
   if args[2] then
      pace(tonumber(args[2]))
   end
end

function request()
   at = at % #requests + 1
   return requests[at]
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format("RESULT %d %d %d %d %d %d %d\n", summary.requests, summary.duration, latency:percentile(50),
      latency:percentile(99), latency.max, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
