// partial_line.go: progress dots on standard error, without a newline, between short goroutines.
package main

import (
	"fmt"
	"os"
)

func main() {
	done := make(chan int)
	for i := 0; i < 5; i++ {
		fmt.Fprint(os.Stderr, ".")
		go func() { done <- 1 }()
		<-done
	}
	fmt.Fprintln(os.Stderr)
}
