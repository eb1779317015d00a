package main

import "unsafe"

// Where the callers of the innermost frames stood, by levels left.
var places [3]uintptr

// For gccgo, whose analysis would move the frames' arrays to the heap; Go's own keeps them on the stack either way.
func onStack(slot *uint64) *uint64 {
	address := uintptr(unsafe.Pointer(slot))
	return (*uint64)(unsafe.Pointer(address ^ 0))
}

// The arrays are as long as makes frames of 12 and 40 words; frameBytes measures what the compiler made of them.

//go:noinline
func level12(levels uint64, caller *uint64) uint64 {
	var own [6]uint64
	own[levels&3] = levels
	if levels < 3 {
		places[levels] = uintptr(unsafe.Pointer(caller))
		if levels == 0 {
			return 1
		}
	}
	below := level12(levels-1, onStack(&own[levels&3]))
	if *caller != levels+1 {
		fail("a pointer to the caller's slot does not point to it")
	}
	return below + 1
}

//go:noinline
func level40(levels uint64, caller *uint64) uint64 {
	var own [34]uint64
	own[levels&3] = levels
	if levels < 3 {
		places[levels] = uintptr(unsafe.Pointer(caller))
		if levels == 0 {
			return 1
		}
	}
	below := level40(levels-1, onStack(&own[levels&3]))
	if *caller != levels+1 {
		fail("a pointer to the caller's slot does not point to it")
	}
	return below + 1
}
