// closes.go: closes every descriptor that it has not opened, as some daemons do.
package main

import "syscall"

func main() {
	for descriptor := 3; descriptor < 1024; descriptor++ {
		syscall.Close(descriptor)
	}
	done := make(chan int)
	for i := 0; i < 100; i++ {
		go func() { done <- 1 }()
		<-done
	}
}
