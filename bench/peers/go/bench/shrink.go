package main

import "runtime"

func stackBytes() int {
	var statistics runtime.MemStats
	runtime.ReadMemStats(&statistics)
	return int(statistics.StackInuse)
}

// Stacks of 64 KiB, almost empty: the first cycle halves each, five bring them back to 2 KiB, the next find nothing to
// do.
func measureShrink(count int) {
	runtime.GC()
	empty := stackBytes()
	wake := idleMake(count, 65536*5/8)
	large := stackBytes() - empty
	shrinking := cyclesTime(1)
	half := stackBytes() - empty
	cyclesTime(5)
	result("ns", (shrinking-cyclesTime(1))/float64(count))
	// Spans that are partly used, and one for each size that is cached, count in full.
	if large < count*65536 || half > count*32768*5/4+10*32768 {
		fail("the stacks did not shrink from 64 KiB to 32 KiB in one cycle")
	}
	close(wake)
}
