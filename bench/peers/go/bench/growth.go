package main

import "runtime"

var families = map[string]func(levels uint64, caller *uint64) uint64{"12": level12, "40": level40}

func recurse(family string, levels, rounds uint64, returned *uint64) {
	recursion := families[family]
	for ; rounds > 0; rounds-- {
		caller := levels + 1
		*returned += recursion(levels, onStack(&caller))
	}
}

// recursionTime of goroutines, one after the other, that recurse rounds times.
func recursionTime(family string, levels, rounds, goroutines uint64) float64 {
	var returned uint64
	begin := processorTime()
	for i := uint64(0); i < goroutines; i++ {
		go recurse(family, levels, rounds, &returned)
		runtime.Gosched()
	}
	taken := processorTime() - begin
	for i := 0; returned < (levels+1)*rounds*goroutines && i < 1000; i++ {
		runtime.Gosched()
	}
	if returned != (levels+1)*rounds*goroutines {
		fail("a level of recursion did not return")
	}
	return taken
}

// The distance of two callers' slots, of which the upper one has a number that is higher by 1.  Where a stack has
// segments, two neighbours may be far apart, but not three.
func frameBytes(family string) uint64 {
	recursionTime(family, 100, 2, 1)
	lower, upper := places[1]-places[0]-8, places[2]-places[1]-8
	if lower < upper {
		return uint64(lower)
	}
	return uint64(upper)
}

func measureGrowth(family string, size, count uint64) {
	bytes := frameBytes(family)
	levels := size * 5 / 8 / bytes
	recursionTime(family, levels, 1, 1+count/10)
	fresh := recursionTime(family, levels, 1, count)
	spawning := recursionTime(family, 0, 1, count)
	again := recursionTime(family, levels, count+1, 1) - fresh/float64(count)
	result("ns", (fresh-spawning-again)/float64(count))
	result("frame_bytes", float64(bytes))
}
