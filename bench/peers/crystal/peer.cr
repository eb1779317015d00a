# peer.cr: Crystal's fibers: switch, robin, spawn and park as in contig_bench.
#
# A stack is 8 MiB of addresses from mmap, and so no more than vm.max_map_count allows; nothing grows or moves.
def nanoseconds : Float64
  LibC.clock_gettime(2, out now)
  now.tv_sec.to_f * 1e9 + now.tv_nsec
end

def resident : Float64
  File.each_line("/proc/self/status") do |line|
    return 1024 * line.split[1].to_f if line.starts_with?("VmRSS:")
  end
  0.0
end

# Makes so many fibers, lets them run to their ends, and says how long that took.
def all_run(count, rounds) : Float64
  done, begin_ = 0, nanoseconds
  count.times do
    spawn do
      rounds.times { Fiber.yield }
      done += 1
    end
  end
  while done < count
    Fiber.yield
  end
  nanoseconds - begin_
end

first, second = ARGV[1].to_i, (ARGV[2]? || "0").to_i
case ARGV[0]
when "switch"
  puts "ns #{all_run(1, first // 2) / (first // 2 * 2)}"
when "robin"
  puts "ns #{all_run(first, second) / first / second}"
when "spawn"
  taken = 0.0
  second.times { taken += all_run(first, 0) }
  puts "ns #{taken / first / second}"
when "park"
  wake = Channel(Nil).new
  before, begin_ = resident, nanoseconds
  first.times { spawn { wake.receive } }
  Fiber.yield
  puts "ns #{(nanoseconds - begin_) / first}"
  puts "bytes #{(resident - before) / first}"
end
