// stackalloc: nanoseconds of a pair of runtime.stackalloc and stackfree, on the system stack, as Go calls them.
//
// A program of its own: from Go 1.23 on the linker refuses these names unless it is told not to look, and then only
// this figure is missing.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"unsafe"
)

type stack struct{ low, high uintptr }

//go:linkname stackalloc runtime.stackalloc
func stackalloc(size uint32) stack

//go:linkname stackfree runtime.stackfree
func stackfree(stack)

//go:linkname systemstack runtime.systemstack
//go:noescape
func systemstack(func())

func processorTime() float64 {
	var now [2]int64
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 2, uintptr(unsafe.Pointer(&now)), 0)
	return float64(now[0])*1e9 + float64(now[1])
}

// So many at a time; the last one goes first.
func allocAndFree(size uint32, live, rounds int) {
	systemstack(func() {
		var stacks [64]stack
		for i := 0; i < rounds; i++ {
			for j := 0; j < live; j++ {
				stacks[j] = stackalloc(size)
				*(*byte)(unsafe.Pointer(stacks[j].high - 8)) = 1
			}
			for j := live; j > 0; j-- {
				stackfree(stacks[j-1])
			}
		}
	})
}

func main() {
	runtime.GOMAXPROCS(1)
	size, _ := strconv.Atoi(os.Args[2])
	live, _ := strconv.Atoi(os.Args[3])
	count, _ := strconv.Atoi(os.Args[4])
	allocAndFree(uint32(size), live, 100)
	begin := processorTime()
	allocAndFree(uint32(size), live, count/live)
	fmt.Printf("ns %.6g\n", (processorTime()-begin)/float64(count/live*live))
}
