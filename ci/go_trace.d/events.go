// events.go: writes one event to the descriptor for events.
//
// ci/go_trace adds this to the end of the runtime's stack.go, which imports the same, for the statements of overlay.py
// to call; it knows the two names in capitals.  No pointer is stored: the callers allow no write barrier.
//
// contigCache is the cache that stackalloc and stackfree use now (0: the pool), contigFrame the largest frame of the
// function at pc, contigLimit the largest stack that newstack permits now.
package runtime

import (
	"unsafe"
)

const contigDescriptor = CONTIG_DESCRIPTOR

var contigLine struct {
	asked, open bool
	n           int32
	text        [1024]byte
}

// contigBegin takes the lock of prints until contigEnd, if there is a channel.  The first event of a process is before
// any code of the program: who has no descriptor then never gets one.
func contigBegin() bool {
	printlock()
	if !contigLine.asked {
		contigLine.asked = true
		if write1(contigDescriptor, unsafe.Pointer(&contigLine.text), 0) == 0 {
			closeonexec(contigDescriptor)
			contigLine.open = true
		}
	}
	if !contigLine.open {
		printunlock()
		return false
	}
	contigLine.n = 0
	return true
}

func contigEnd() {
	contigByte('\n')
	for {
		written := write1(contigDescriptor, unsafe.Pointer(&contigLine.text), contigLine.n)
		if written == contigLine.n {
			break
		}
		// Interrupted, or full.
		if written != -4 && written != -11 {
			contigLine.open = false
			print("ci/go_trace: the descriptor for events was closed in the program\n")
			exit(CONTIG_CLOSED_STATUS)
		}
		osyield()
	}
	printunlock()
}

func contigByte(b byte) {
	if contigLine.n < int32(len(contigLine.text)) {
		contigLine.text[contigLine.n] = b
		contigLine.n++
	}
}

func contigText(s string) {
	for i := 0; i < len(s); i++ {
		contigByte(s[i])
	}
}

func contigBase(v, base uint64) {
	var digits [20]byte
	i := len(digits)
	for {
		i--
		digits[i] = "0123456789abcdef"[v%base]
		v /= base
		if v == 0 {
			break
		}
	}
	for ; i < len(digits); i++ {
		contigByte(digits[i])
	}
}

func contigNumber(v uint64) {
	contigBase(v, 10)
}

func contigHex(v uint64) {
	contigText("0x")
	contigBase(v, 16)
}

func contigBool(b bool) {
	if b {
		contigText("true")
	} else {
		contigText("false")
	}
}

func contigCache() uintptr {
	mp := getg().m
	if stackNoCache != 0 || mp.p == 0 || mp.preemptoff != "" {
		return 0
	}
	return uintptr(unsafe.Pointer(mp.p.ptr().mcache))
}

func contigFrame(pc uintptr) uintptr {
	f := findfunc(pc)
	if !f.valid() {
		return 0
	}
	return uintptr(funcMaxSPDelta(f))
}

func contigLimit() uintptr {
	if maxstackceiling < maxstacksize {
		return maxstackceiling
	}
	return maxstacksize
}
