// bench: the measures of bench/contig_bench.c in Go, on one P, with the heap's collector off; a file for each.
//
// Started by bench/run, once for each repetition; each line of output is a name and a value, times in nanoseconds
// of processor time.  Work that is not the measure's own is subtracted, as there.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

// Goroutines that are runnable at once.
const batch = 128

var measures = map[string]func(){
	"process":        func() { measureProcess() },
	"switch":         func() { measureSwitch(number(2)) },
	"switch-inexact": func() { measureSwitchInexact(number(2)) },
	"robin":          func() { measureRobin(number(2), number(3)) },
	"spawn":          func() { measureSpawn(number(2), number(3)) },
	"growth":         func() { measureGrowth(os.Args[2], uint64(number(3)), uint64(number(4))) },
	"deep":           func() { measureDeep(os.Args[2], uint64(number(3)), uint64(number(4))) },
	"tail":           func() { measureTail(os.Args[2], uint64(number(3)), number(4)) },
	"hot":            func() { measureHot(number(2), number(3), number(4)) },
	"fib":            func() { measureFib(number(2)) },
	"park":           func() { measurePark(number(2)) },
	"idle":           func() { measureIdle(uint64(number(2)), number(3)) },
	"shrink":         func() { measureShrink(number(2)) },
	"cycle":          func() { measureCycle(number(2), number(3)) },
}

func result(name string, value float64) { fmt.Printf("%s %.6g\n", name, value) }

func fail(message string) {
	fmt.Fprintln(os.Stderr, "bench: "+message)
	os.Exit(1)
}

func number(i int) int {
	if i >= len(os.Args) {
		fail("an argument is missing")
	}
	value, err := strconv.Atoi(os.Args[i])
	if err != nil {
		fail(err.Error())
	}
	return value
}

func main() {
	if len(os.Args) < 2 || measures[os.Args[1]] == nil {
		fail("usage: bench MEASURE ARGUMENT...")
	}
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	measures[os.Args[1]]()
}
