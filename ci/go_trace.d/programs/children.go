// children.go: starts itself, twice at a time; a child has stacks of its own, and no descriptor for events.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"sync"
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
	if len(os.Args) > 1 {
		deep(1000)
		// Nothing above standard error is open but what the runtime of a child opens itself.
		if _, err := os.Stat("/proc/self/fd/973"); err == nil {
			os.Exit(3)
		}
		return
	}
	var all sync.WaitGroup
	for i := 0; i < 4; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			deep(200)
			if err := exec.Command(os.Args[0], "child").Run(); err != nil {
				fmt.Println("child:", err)
				os.Exit(1)
			}
		}()
	}
	all.Wait()
}
