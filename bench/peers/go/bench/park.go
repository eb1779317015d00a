package main

import "runtime"

// A goroutine that parks with a pointer to its own slot.
func park(wake chan int, kept *int) {
	own := 1
	pointer := &own
	<-wake
	*kept += *pointer
}

func measurePark(count int) {
	wake, kept := make(chan int), 0
	resident, begin := residentBytes(), processorTime()
	for i := 0; i < count; i++ {
		go park(wake, &kept)
		if (i+1)%batch == 0 {
			runtime.Gosched()
		}
	}
	runtime.Gosched()
	result("ns", (processorTime()-begin)/float64(count))
	result("bytes", (residentBytes()-resident)/float64(count))
	close(wake)
	for i := 0; kept < count && i < 1000; i++ {
		runtime.Gosched()
	}
	if kept != count {
		fail("a goroutine lost the pointer to its own slot")
	}
}
