package main

import (
	"runtime"
	"runtime/debug"
)

func cyclesTime(cycles int) float64 {
	begin := processorTime()
	for i := 0; i < cycles; i++ {
		runtime.GC()
	}
	return processorTime() - begin
}

// Makes so many goroutines that used so much stack, returned from there and wait.
func idleMake(count int, usedBytes uint64) (wake chan int) {
	levels, returned := usedBytes/frameBytes("12"), uint64(0)
	wake = make(chan int)
	for i := 0; i < count; i++ {
		go func() {
			recurse("12", levels, 1, &returned)
			<-wake
		}()
		runtime.Gosched()
	}
	return wake
}

// A cycle over goroutines that wait on the smallest stacks, for each of them.
func measureCycle(count, cycles int) {
	wake := idleMake(count, 0)
	cyclesTime(2)
	result("ns", cyclesTime(cycles)/float64(cycles*count))
	close(wake)
}

// Resident memory of each goroutine that waits, after two cycles that also give back what is free.
func measureIdle(usedBytes uint64, count int) {
	resident, begin := residentBytes(), processorTime()
	wake := idleMake(count, usedBytes)
	result("ns", (processorTime()-begin)/float64(count))
	debug.FreeOSMemory()
	debug.FreeOSMemory()
	result("bytes", (residentBytes()-resident)/float64(count))
	close(wake)
}
