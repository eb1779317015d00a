package main

import (
	"runtime"
	"sync"
	"time"
)

func init() {
	measures["threads-pairs"] = func() { measurePairs(number(2), number(3), uint64(number(4))) }
}

func receive(c chan uint64, count uint64, done *sync.WaitGroup) {
	sum := uint64(0)
	for i := uint64(0); i < count; i++ {
		sum += <-c
	}
	if sum != count*(count+1)/2 {
		fail("a message was lost")
	}
	done.Done()
}

// Pairs of goroutines on so many P's, by the clock on the wall.
func measurePairs(procs, pairs int, count uint64) {
	var done sync.WaitGroup
	runtime.GOMAXPROCS(procs)
	done.Add(pairs)
	cpu, begin := processorTime(), time.Now()
	for i := 0; i < pairs; i++ {
		c := make(chan uint64)
		go receive(c, count, &done)
		go send(c, c, count)
	}
	done.Wait()
	messages := float64(pairs) * float64(count)
	result("ns", float64(time.Since(begin).Nanoseconds())/messages)
	result("processor", (processorTime()-cpu)/messages)
}
