// maxstack.go LIMIT DEPTH: sets the largest stack, and recurses through frames of 1000 bytes; DEPTH 0 never ends.
package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

func deep(n, depth int) int {
	var frame [1000]byte
	frame[n%1000] = 1
	if n == depth {
		return 0
	}
	return deep(n+1, depth) + int(frame[n%1000])
}

func main() {
	var limit, depth int
	fmt.Sscan(os.Args[1], &limit)
	fmt.Sscan(os.Args[2], &depth)
	debug.SetMaxStack(limit)
	if deep(0, depth-1) != depth-1 {
		panic("a frame went wrong")
	}
}
