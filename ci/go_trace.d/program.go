// program.go: gives the stack allocator of Go's runtime work of every kind.
//
// Goroutines are started in batches, recurse to random depths with frames of several sizes, park, are collected
// around, wake up to recurse again, and end.  ci/go_trace builds it with a runtime that prints its stack events.
// Arguments: rounds, seed.
package main

import (
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"sync"
)

// Each keeps a pointer into its own stack, checked after the deeper calls, which may have moved the stack.
func small(depth int, parent *int, bottom func()) int {
	here := depth
	if depth > 0 {
		small(depth-1, &here, bottom)
	} else {
		bottom()
	}
	if *parent < depth || here != depth {
		panic("a pointer into the stack went wrong")
	}
	return here
}

//go:noinline
func medium(depth int, parent *int, bottom func()) int {
	var frame [600]byte
	here := depth
	frame[depth%len(frame)] = 1
	if depth > 0 {
		medium(depth-1, &here, bottom)
	} else {
		bottom()
	}
	if *parent < depth || here != depth {
		panic("a pointer into the stack went wrong")
	}
	return here + int(frame[0])
}

//go:noinline
func large(depth int, parent *int, bottom func()) int {
	var frame [9000]byte
	here := depth
	frame[depth%len(frame)] = 1
	if depth > 0 {
		large(depth-1, &here, bottom)
	} else {
		bottom()
	}
	if *parent < depth || here != depth {
		panic("a pointer into the stack went wrong")
	}
	return here + int(frame[0])
}

//go:noinline
func huge(depth int, parent *int, bottom func()) int {
	var frame [100000]byte
	here := depth
	frame[depth%len(frame)] = 1
	bottom()
	if *parent < depth || here != depth {
		panic("a pointer into the stack went wrong")
	}
	return here + int(frame[0])
}

// Recurses to a depth that makes the stack grow to about 2^size bytes, and calls bottom there.
func recurse(size int, kind int, bottom func()) {
	top := 1 << 30
	bytes := 1 << uint(size)
	switch kind {
	case 0:
		small(bytes/112, &top, bottom)
	case 1:
		medium(bytes/720, &top, bottom)
	case 2:
		large(bytes/9200, &top, bottom)
	default:
		huge(0, &top, bottom)
	}
}

// A goroutine's work: it parks before it recurses back up (deep) or after.
type work struct {
	size, kind, again int
	deep              bool
}

func nothing() {}

// A size of the stack: mostly small, sometimes large.
func randomSize(random *rand.Rand) int {
	size := 9 + random.Intn(5)
	for size < 20 && random.Intn(3) == 0 {
		size += 2
	}
	return size
}

func goroutine(job work, parked *sync.WaitGroup, wake chan struct{}, ended *sync.WaitGroup) {
	park := func() {
		parked.Done()
		<-wake
	}
	if job.deep {
		recurse(job.size, job.kind, park)
	} else {
		recurse(job.size, job.kind, nothing)
		park()
	}
	if job.again > 0 {
		recurse(job.again, 0, nothing)
	}
	ended.Done()
}

// Keeps running through a collection, so that its stack is scanned while it is preempted.
func spin(stop chan struct{}, ended *sync.WaitGroup) {
	recurse(14, 1, nothing)
	for sum := 0; ; sum++ {
		if sum%1000 == 0 {
			select {
			case <-stop:
				ended.Done()
				return
			default:
			}
		}
		top := 1 << 30
		small(2, &top, nothing)
	}
}

func round(random *rand.Rand, goroutines int) {
	var parked, ended sync.WaitGroup
	wake := make(chan struct{})
	stop := make(chan struct{})
	deep := random.Intn(4)
	for i := 0; i < goroutines; i++ {
		job := work{size: randomSize(random), kind: random.Intn(8) % 5, deep: random.Intn(4) < deep}
		if random.Intn(4) == 0 {
			job.again = randomSize(random)
		}
		parked.Add(1)
		ended.Add(1)
		go goroutine(job, &parked, wake, &ended)
	}
	if random.Intn(3) == 0 {
		ended.Add(1)
		go spin(stop, &ended)
	}
	parked.Wait()
	for i := random.Intn(4); i >= 0; i-- {
		runtime.GC()
	}
	for i := 0; i < goroutines/2; i++ {
		wake <- struct{}{}
	}
	runtime.GC()
	close(wake)
	close(stop)
	ended.Wait()
}

func number(argument int, otherwise int) int {
	if len(os.Args) <= argument {
		return otherwise
	}
	value, err := strconv.Atoi(os.Args[argument])
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	random := rand.New(rand.NewSource(int64(number(2, 1))))
	for i := number(1, 100); i > 0; i-- {
		round(random, 10+random.Intn(60))
	}
}
