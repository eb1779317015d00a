// moves.go: stacks that move with everything on them that refers to a stack.
//
// Deferred calls whose records lie on the stack and in the heap, panics in the middle of being recovered, slots of
// channel operations that wait while a collection shrinks the stack, calls through reflection, methods as values.
// Argument: rounds.
package main

import (
	"os"
	"reflect"
	"runtime"
	"strconv"
	"sync"
)

type node struct {
	next  *node
	value int
	bytes [40]byte
}

// Recurses, each frame with a pointer to its caller's; grows the stack where it is called.
//
//go:noinline
func deep(depth int, caller *node) int {
	here := node{next: caller, value: depth}
	if depth > 0 {
		deep(depth-1, &here)
	}
	return here.next.value + here.value
}

func grow(depth int) int {
	first := node{value: depth}
	return deep(depth, &first)
}

// The records of deferred calls in a loop lie in the heap, the one behind it on the stack.
//
//go:noinline
func deferring(count, depth int) (sum int) {
	var here node
	for i := 0; i < count; i++ {
		at := &here
		defer func() { at.value++; sum += at.value }()
	}
	if count > 1 {
		defer func() { sum += grow(depth) }()
	}
	return grow(depth)
}

// The stack moves while a panic is on it, and a second one.
//
//go:noinline
func panicking(depth int) (sum int) {
	var here node
	defer func() {
		at := &here
		sum = grow(depth) + at.value
		recover()
	}()
	defer func() {
		defer func() { recover() }()
		grow(depth / 2)
		panic("inner")
	}()
	var none *node
	return none.value
}

// Waits in a channel operation with a slot on its stack, deep or after a deep call, while others collect.
//
//go:noinline
func waiting(in, other chan [3]int, parked *sync.WaitGroup) int {
	grow(200)
	var got [3]int
	at := &got
	parked.Done()
	select {
	case got = <-in:
	case got = <-other:
	}
	return at[0] + grow(300)
}

//go:noinline
func sending(out chan [3]int, parked *sync.WaitGroup) int {
	grow(150)
	value := [3]int{1, 2, 3}
	at := &value
	parked.Done()
	out <- value
	return at[1] + grow(100)
}

type method struct{ depth int }

func (m *method) Call(at *node, depth int) int { return at.value + grow(depth) + m.depth }

func reflecting(depth int) {
	here := node{value: 1}
	m := &method{depth}
	reflect.ValueOf(m).MethodByName("Call").Call([]reflect.Value{reflect.ValueOf(&here), reflect.ValueOf(depth)})
	swap := reflect.MakeFunc(reflect.TypeOf(m.Call), func(arguments []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(grow(depth))}
	}).Interface().(func(*node, int) int)
	swap(&here, depth)
	call := reflect.ValueOf(m).Method(0).Interface().(func(*node, int) int)
	call(&here, depth)
}

func round() {
	var parked, ended sync.WaitGroup
	in, other, out := make(chan [3]int), make(chan [3]int), make(chan [3]int)
	start := func(work func()) {
		ended.Add(1)
		go func() { defer ended.Done(); work() }()
	}
	for i := 0; i < 3; i++ {
		parked.Add(2)
		start(func() { waiting(in, other, &parked) })
		start(func() { sending(out, &parked) })
	}
	start(func() { deferring(1, 60) })
	start(func() { deferring(4, 100) })
	start(func() { panicking(80) })
	start(func() { reflecting(50) })
	parked.Wait()
	runtime.GC()
	runtime.GC()
	for i := 0; i < 3; i++ {
		in <- [3]int{4, 5, 6}
		<-out
	}
	ended.Wait()
}

func main() {
	rounds := 1
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	for ; rounds > 0; rounds-- {
		round()
	}
}
