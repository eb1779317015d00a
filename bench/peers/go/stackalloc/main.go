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

func allocAndFree(size uint32, count int) {
	systemstack(func() {
		for i := 0; i < count; i++ {
			s := stackalloc(size)
			*(*byte)(unsafe.Pointer(s.high - 8)) = 1
			stackfree(s)
		}
	})
}

func main() {
	if len(os.Args) != 4 || os.Args[1] != "stackalloc" {
		fmt.Fprintln(os.Stderr, "usage: stackalloc stackalloc BYTES COUNT")
		os.Exit(2)
	}
	runtime.GOMAXPROCS(1)
	size, _ := strconv.Atoi(os.Args[2])
	count, _ := strconv.Atoi(os.Args[3])
	allocAndFree(uint32(size), 100)
	begin := processorTime()
	allocAndFree(uint32(size), count)
	fmt.Printf("ns %.6g\n", (processorTime()-begin)/float64(count))
}
