package main

func init() {
	measures["channel"] = func() { measureChannel(number(2), uint64(number(3))) }
	measures["select"] = func() { measureSelect(uint64(number(2))) }
	measures["blocked"] = func() { measurePark(number(2)) }
}

func send(c, d chan uint64, count uint64) {
	for ; count > 0; count -= 2 {
		c <- count
		d <- count - 1
	}
}

// One goroutine sends numbers, this one receives them.
func measureChannel(capacity int, count uint64) {
	c, sum := make(chan uint64, capacity), uint64(0)
	begin := processorTime()
	go send(c, c, count)
	for i := uint64(0); i < count; i++ {
		sum += <-c
	}
	result("ns", (processorTime()-begin)/float64(count))
	if sum != count*(count+1)/2 {
		fail("a message was lost")
	}
}

// It sends on two channels in turns, and this one selects.
func measureSelect(count uint64) {
	c, d, sum := make(chan uint64), make(chan uint64), uint64(0)
	begin := processorTime()
	go send(c, d, count)
	for i := uint64(0); i < count; i++ {
		select {
		case n := <-c:
			sum += n
		case n := <-d:
			sum += n
		}
	}
	result("ns", (processorTime()-begin)/float64(count))
	if sum != count*(count+1)/2 {
		fail("a message was lost")
	}
}
