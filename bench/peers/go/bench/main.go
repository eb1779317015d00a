// bench: the measures of bench/contig_bench.c in Go, on one P, with the heap's collector off.
//
// Started by bench/run, once for each repetition; each line of output is a name and a value, times in nanoseconds
// of processor time.  What is counted twice is measured by itself and subtracted, as there.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// Goroutines that are runnable at once.
const batch = 128

func result(name string, value float64) { fmt.Printf("%s %.6g\n", name, value) }

func fail(message string) {
	fmt.Fprintln(os.Stderr, "bench: "+message)
	os.Exit(1)
}

// processorTime is CLOCK_PROCESS_CPUTIME_ID: that of all threads, the runtime's own included.
func processorTime() float64 {
	var now [2]int64
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 2, uintptr(unsafe.Pointer(&now)), 0)
	return float64(now[0])*1e9 + float64(now[1])
}

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

func spawnRounds(atOnce, rounds int, ran *int) {
	for i := 0; i < rounds; i++ {
		for j := 0; j < atOnce; j++ {
			go func() { *ran++ }()
		}
		runtime.Gosched()
	}
}

func measureSpawn(atOnce, rounds int) {
	ran := 0
	spawnRounds(atOnce, 10, &ran)
	begin := processorTime()
	spawnRounds(atOnce, rounds, &ran)
	result("ns", (processorTime()-begin)/float64(atOnce*rounds))
	for i := 0; ran < atOnce*(rounds+10) && i < 1000; i++ {
		runtime.Gosched()
	}
	if ran != atOnce*(rounds+10) {
		fail("a goroutine did not run")
	}
}

// Where the innermost frame's caller stood.
var innermost uintptr

// The arrays are as long as makes frames of 12 and 40 words; frameBytes measures what the compiler made of them.

//go:noinline
func level12(levels uint64, caller *uint64) uint64 {
	var own [6]uint64
	own[levels&3] = levels
	if levels == 0 {
		innermost = uintptr(unsafe.Pointer(caller))
		return 1
	}
	below := level12(levels-1, &own[levels&3])
	if *caller != levels+1 {
		fail("a pointer to the caller's slot does not point to it")
	}
	return below + 1
}

//go:noinline
func level40(levels uint64, caller *uint64) uint64 {
	var own [34]uint64
	own[levels&3] = levels
	if levels == 0 {
		innermost = uintptr(unsafe.Pointer(caller))
		return 1
	}
	below := level40(levels-1, &own[levels&3])
	if *caller != levels+1 {
		fail("a pointer to the caller's slot does not point to it")
	}
	return below + 1
}

var families = map[string]func(levels uint64, caller *uint64) uint64{"12": level12, "40": level40}

func recurse(family string, levels, rounds uint64, returned *uint64) {
	recursion := families[family]
	for ; rounds > 0; rounds-- {
		caller := levels + 1
		*returned += recursion(levels, &caller)
	}
}

// On a goroutine of its own: the stack of this one stays as it is.
func frameBytes(family string) (bytes uint64) {
	go func() {
		var returned uint64
		recurse(family, 1100, 1, &returned)
		recurse(family, 100, 1, &returned)
		upper := innermost
		recurse(family, 1100, 1, &returned)
		bytes = uint64(upper-innermost) / 1000
	}()
	for bytes == 0 {
		runtime.Gosched()
	}
	return bytes
}

// recursionTime of goroutines, one after the other, that recurse rounds times.
func recursionTime(family string, levels, rounds, goroutines uint64) float64 {
	var returned uint64
	begin := processorTime()
	for i := uint64(0); i < goroutines; i++ {
		go recurse(family, levels, rounds, &returned)
		runtime.Gosched()
	}
	taken := processorTime() - begin
	for i := 0; returned < (levels+1)*rounds*goroutines && i < 1000; i++ {
		runtime.Gosched()
	}
	if returned != (levels+1)*rounds*goroutines {
		fail("a level of recursion did not return")
	}
	return taken
}

func measureGrowth(family string, size, count uint64) {
	bytes := frameBytes(family)
	levels := size * 5 / 8 / bytes
	recursionTime(family, levels, 1, 1+count/10)
	fresh := recursionTime(family, levels, 1, count)
	spawning := recursionTime(family, 0, 1, count)
	again := recursionTime(family, levels, count+1, 1) - fresh/float64(count)
	result("ns", (fresh-spawning-again)/float64(count))
	result("frame_bytes", float64(bytes))
}

//go:noinline
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func fibCalls(n int) float64 {
	before, calls := 1.0, 1.0
	for i := 2; i <= n; i++ {
		before, calls = calls, before+calls+1
	}
	return calls
}

func measureFib(n int) {
	begin := processorTime()
	fib(n)
	result("ns", (processorTime()-begin)/fibCalls(n))
}

func residentBytes() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fail(err.Error())
	}
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kibibytes, _ := strconv.ParseFloat(fields[1], 64)
			return kibibytes * 1024
		}
	}
	fail("/proc/self/status cannot be read")
	return 0
}

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

func cyclesTime(cycles int) float64 {
	begin := processorTime()
	for i := 0; i < cycles; i++ {
		runtime.GC()
	}
	return processorTime() - begin
}

func stackBytes() int {
	var statistics runtime.MemStats
	runtime.ReadMemStats(&statistics)
	return int(statistics.StackInuse)
}

// Stacks of 64 KiB, almost empty: five cycles bring them back to 2 KiB, five more find nothing to do.
func measureShrink(count int) {
	const cycles = 5
	wake, bytes, returned := make(chan int), frameBytes("12"), uint64(0)
	runtime.GC()
	empty := stackBytes()
	for i := 0; i < count; i++ {
		go func() {
			recurse("12", 65536*5/8/bytes, 1, &returned)
			<-wake
		}()
		runtime.Gosched()
	}
	large := stackBytes() - empty
	shrinking := cyclesTime(cycles)
	small := stackBytes() - empty
	resting := cyclesTime(cycles)
	result("ns", (shrinking-resting)/float64(count*cycles))
	// Spans that are partly used, and one for each size that is cached, count in full.
	if large < count*65536 || small > count*4096+10*32768 {
		fail("the stacks did not shrink from 64 KiB to 2 KiB in five cycles")
	}
	close(wake)
}

func main() {
	if len(os.Args) < 3 {
		fail("usage: bench MEASURE ARGUMENT...")
	}
	runtime.GOMAXPROCS(1)
	debug.SetGCPercent(-1)
	number := func(i int) int {
		if i >= len(os.Args) {
			fail("an argument is missing")
		}
		value, err := strconv.Atoi(os.Args[i])
		if err != nil {
			fail(err.Error())
		}
		return value
	}
	switch os.Args[1] {
	case "switch":
		measureSwitch(number(2))
	case "switch-inexact":
		measureSwitchInexact(number(2))
	case "spawn":
		measureSpawn(number(2), number(3))
	case "growth":
		measureGrowth(os.Args[2], uint64(number(3)), uint64(number(4)))
	case "fib":
		measureFib(number(2))
	case "park":
		measurePark(number(2))
	case "shrink":
		measureShrink(number(2))
	default:
		fail("there is no measure " + os.Args[1])
	}
}
