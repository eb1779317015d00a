// settings.go: shows its number and GODEBUG, collects while a goroutine has a stack that could shrink, and never ends
// if told so.
package main

import (
	"fmt"
	"os"
	"runtime"
	"time"
)

func deep(n int) int {
	var frame [100]byte
	frame[n%100] = 1
	if n == 0 {
		return 0
	}
	return deep(n-1) + int(frame[n%100])
}

func main() {
	fmt.Println("process", os.Getpid())
	fmt.Println("GODEBUG=" + os.Getenv("GODEBUG"))
	wake, done := make(chan int), make(chan int)
	go func() {
		deep(200)
		<-wake
		done <- 1
	}()
	time.Sleep(time.Millisecond)
	runtime.GC()
	runtime.GC()
	wake <- 1
	<-done
	for len(os.Args) > 1 {
		time.Sleep(time.Second)
	}
}
