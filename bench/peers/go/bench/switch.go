package main

import "runtime"

func yields(count int, done *int) {
	for i := 0; i < count; i++ {
		runtime.Gosched()
	}
	*done++
}

func measureSwitch(count int) {
	done := -1
	yields(1000, &done)
	// Two goroutines, as in contig: this one is the second.
	go yields(count/2, &done)
	begin := processorTime()
	yields(count/2, &done)
	result("ns", (processorTime()-begin)/float64(count))
	for done < 2 {
		runtime.Gosched()
	}
}

var third float64 = 3

func measureSwitchInexact(count int) {
	third = 1 / third
	measureSwitch(count)
}

// So many goroutines take turns, each so often, and end.  They wait for each other: while they are made, one that has
// the processor for 10 ms may lose it to them.
func measureRobin(goroutines, rounds int) {
	done, begun := 0, false
	for i := 0; i < goroutines; i++ {
		go func() {
			for !begun {
				runtime.Gosched()
			}
			yields(rounds, &done)
		}()
	}
	begun = true
	begin := processorTime()
	for done < goroutines {
		runtime.Gosched()
	}
	result("ns", (processorTime()-begin)/float64(rounds*goroutines))
}
