// program.go: makes Go's findsghi take a slot in the heap for one on the stack.
//
// A goroutine grows its stack, and goes back to using little of it: the smaller stacks that it had leave free pages
// right below the new one. Then it waits in reflect.Select, whose receive slots are heap objects of exactly one page:
// one of them ends where the stack begins. The next collection shrinks the stack.
package main

import (
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strconv"
)

type page [8192]byte

//go:noinline
func grow(levels int) byte {
	var frame [1024]byte
	frame[levels%len(frame)] = byte(levels)
	if levels == 0 {
		return frame[0]
	}
	return grow(levels-1) + frame[levels%len(frame)]
}

func wait(levels int, cases []reflect.SelectCase, ready chan<- bool) {
	grow(levels)
	ready <- true
	reflect.Select(cases)
	ready <- true
}

func round(slots int) {
	debug.SetGCPercent(-1)
	const goroutines = 16
	ready := make(chan bool)
	channels := make([]chan page, slots)
	cases := make([]reflect.SelectCase, slots)
	for i := range cases {
		channels[i] = make(chan page)
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(channels[i])}
	}
	for g := 0; g < goroutines; g++ {
		go wait(40, cases, ready)
		<-ready
	}
	for i := 0; i < 6; i++ {
		runtime.Gosched()
		runtime.GC()
	}
	for _, c := range channels {
		close(c)
	}
	for g := 0; g < goroutines; g++ {
		<-ready
	}
	runtime.GC()
}

func main() {
	rounds := 50
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	fmt.Println(runtime.Version())
	for r := 0; r < rounds; r++ {
		round(4 + r%13)
	}
	fmt.Println(rounds, "rounds: no fault seen")
}
