-- Makes wrk send the requests in a file, one after the other. The byte 1 separates them.
local requests, last = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for request in file:read("*a"):gmatch("[^\1]+") do
    requests[#requests + 1] = request
  end
  file:close()
end

function request()
  last = last % #requests + 1
  return requests[last]
end

function done(summary)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  print(string.format("requests=%d microseconds=%d refused=%d broken=%d",
    summary.requests, summary.duration, errors.status, broken))
end
