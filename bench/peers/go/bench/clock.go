package main

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"
)

// processorTime is CLOCK_PROCESS_CPUTIME_ID: that of all threads, the runtime's own included.
func processorTime() float64 {
	var now [2]int64
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, 2, uintptr(unsafe.Pointer(&now)), 0)
	return float64(now[0])*1e9 + float64(now[1])
}

func residentBytes() float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		fail(err.Error())
	}
	for _, line := range strings.Split(string(status), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
			kibibytes, _ := strconv.ParseFloat(fields[1], 64)
			return kibibytes * 1024
		}
	}
	fail("/proc/self/status cannot be read")
	return 0
}

// From the start of the process to a goroutine that ran.
func measureProcess() {
	ran := make(chan float64)
	go func() { ran <- processorTime() }()
	result("ns", <-ran)
	result("bytes", residentBytes())
}
