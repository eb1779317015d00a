// log.go: whole lines on standard error from many goroutines, some of which look like events.
package main

import (
	"log"
	"os"
	"sync"
)

func deep(n int) int {
	var frame [200]byte
	frame[n%200] = byte(n)
	if n == 0 {
		return int(frame[0])
	}
	return deep(n-1) + int(frame[n%200])
}

func main() {
	var all sync.WaitGroup
	for i := 0; i < 1000; i++ {
		all.Add(2)
		go func(i int) {
			log.Println("request", i, "served")
			os.Stderr.WriteString("@free 2048 0xc000000000 c=0x0 ph=0 m=0\n@example.org: joined\n")
			all.Done()
		}(i)
		go func() {
			deep(20)
			all.Done()
		}()
	}
	all.Wait()
}
