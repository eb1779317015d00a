// channels.go: goroutines that grow, wait for channels and selects with much stack, and shrink while they wait.
//
// Arguments: goroutines, rounds.  Each message goes from a slot on one stack to a slot on another; its value is
// checked, and so is the sum of all.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
)

// Recurses to a depth at which the stack has grown, and calls bottom there; the slot is looked at afterwards.
func deep(depth int, parent *int, bottom func()) {
	here := depth
	if depth > 0 {
		deep(depth-1, &here, bottom)
	} else {
		bottom()
	}
	if here != depth || *parent < depth {
		panic("a pointer into the stack went wrong")
	}
}

func number(i int) int {
	value, err := strconv.Atoi(os.Args[i])
	if err != nil {
		panic(err)
	}
	return value
}

// Receives from two channels by a select, deep in its stack or not, until both are closed.
func consume(c, d chan int, depth int) int {
	sum, top := 0, depth+1
	for c != nil || d != nil {
		deep(depth, &top, func() {
			var slot int
			var ok bool
			select {
			case slot, ok = <-c:
				if !ok {
					c = nil
				}
			case slot, ok = <-d:
				if !ok {
					d = nil
				}
			}
			sum += slot
		})
		depth = (depth*7 + 3) % 200
		top = depth + 1
	}
	return sum
}

// The stack is large when the goroutine waits at the gate, and little of it is used: a collection shrinks it there.
func produce(c chan int, rounds int, ready *sync.WaitGroup, gate chan bool) {
	top := 301
	deep(300, &top, ready.Done)
	<-gate
	for i := 1; i <= rounds; i++ {
		top, value := 101, i
		deep(i%100, &top, func() { c <- value })
	}
	close(c)
}

func main() {
	goroutines, rounds := number(1), number(2)
	var ready, consumers sync.WaitGroup
	gate := make(chan bool)
	for i := 0; i < goroutines; i++ {
		c, d := make(chan int), make(chan int, i%3)
		ready.Add(3)
		consumers.Add(1)
		go produce(c, rounds, &ready, gate)
		go produce(d, rounds, &ready, gate)
		go func(i int) {
			defer consumers.Done()
			top := 301
			deep(300, &top, ready.Done)
			if sum := consume(c, d, i%200); sum != rounds*(rounds+1) {
				panic(fmt.Sprint("goroutine ", i, " received ", sum))
			}
		}(i)
	}
	ready.Wait()
	runtime.GC()
	runtime.GC()
	close(gate)
	for i := 0; i < 10; i++ {
		runtime.GC()
	}
	consumers.Wait()
}
