package main

import (
	"math"
	"runtime"
	"sort"
)

var used uint64

//go:noinline
func hotLeaf(x int) {
	var own [32]uint64
	own[x&3] = 1
	used += own[3]
}

//go:noinline
func hotLevel(levels, rounds int, caller *uint64) uint64 {
	var own [3]uint64
	own[levels&1] = 1
	if levels > 0 {
		return hotLevel(levels-1, rounds, onStack(&own[levels&1])) + *caller
	}
	for i := 0; i < rounds; i++ {
		hotLeaf(i)
	}
	return *caller
}

// The least processor time, of three, of so many calls of a leaf from levels deep, on a new stack.
func hotTime(levels, rounds int) float64 {
	least := math.Inf(1)
	for i := 0; i < 3; i++ {
		done, begin := false, processorTime()
		go func() {
			caller := uint64(1)
			done = hotLevel(levels, rounds, onStack(&caller)) > 0
		}()
		for !done {
			runtime.Gosched()
		}
		least = math.Min(least, processorTime()-begin)
	}
	return least
}

func measureHot(first, levels, rounds int) {
	taken := make([]float64, levels)
	for i := range taken {
		taken[i] = (hotTime(first+i, rounds) - hotTime(first+i, 0)) / float64(rounds)
	}
	// The boundary is wider than one level, a disturbance is not: the lower of two neighbours.
	for i := 0; i+1 < levels; i++ {
		taken[i] = math.Min(taken[i], taken[i+1])
	}
	sort.Float64s(taken[:levels-1])
	result("ns", taken[levels-2])
	result("away", taken[levels/2])
}
