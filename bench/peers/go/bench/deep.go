package main

import (
	"runtime"
	"sort"
)

// Calls so deep and back on a new stack: all that a goroutine costs that does so once.
func measureDeep(family string, levels, count uint64) {
	recursionTime(family, levels, 1, 1+count/10)
	result("ns", recursionTime(family, levels, 1, count)/float64(count*levels))
	result("frame_bytes", float64(frameBytes(family)))
}

// One in a thousand of such goroutines takes longer than that.
func measureTail(family string, size uint64, count int) {
	levels, returned := size*5/8/frameBytes(family), uint64(0)
	recursionTime(family, levels, 1, uint64(1+count/10))
	taken := make([]float64, count)
	for i := range taken {
		go recurse(family, levels, 1, &returned)
		begin := processorTime()
		runtime.Gosched()
		taken[i] = processorTime() - begin
	}
	sort.Float64s(taken)
	result("ns", taken[count-1-count/1000])
	result("median", taken[count/2])
	if returned < uint64(count-1)*(levels+1) {
		fail("a level of recursion did not return")
	}
}
