// common.go: what copystack does to each word, register and record, as events of spec/trace.md, version 1.1.
//
// ci/go_trace --moves adds this and the file of the version to the runtime's stack.go, which imports the same.
// Nothing is allocated, no pointer is stored, and no lock is held from one half to the other: copystack waits for
// channels' locks in between.  The old stack keeps its words until it is freed, and the new one's frames are those of
// the old one: the second half has all that a move needs but for the registers and records that copystack has
// overwritten by then.
//
// The file of a version has contigWalk, contigFrames, contigRecords.
package runtime

import (
	"internal/goarch"
	"unsafe"
)

// A move with more bytes in use is named and no more; one with more than the smaller number of bytes leaves out words
// that are equal before and after and do not refer to the old stack.
const contigMostBytes, contigWholeBytes = 16 << 20, 32 << 10

// A line that is longer goes on in the next one.
const contigFullLine = 900

func contigValue(v uintptr) {
	contigByte(' ')
	contigHex(uint64(v))
}

func contigField(name string, v uintptr) {
	contigByte(' ')
	contigText(name)
	contigByte('=')
	contigHex(uint64(v))
}

func contigThread() {
	contigText(" m=")
	contigNumber(uint64(getg().m.id))
}

func contigRegisters(gp *g) {
	contigField("pc", gp.sched.pc)
	contigField("bp", gp.sched.bp)
	contigField("ctxt", uintptr(gp.sched.ctxt))
	contigField("defer", uintptr(unsafe.Pointer(gp._defer)))
	contigField("panic", uintptr(unsafe.Pointer(gp._panic)))
	contigField("top", gp.stktopsp)
}

// contigMoveBegins is called when the new stack is there and nothing has been moved.
func contigMoveBegins(gp *g, old, new stack, used uintptr) {
	if !contigBegin() {
		return
	}
	contigBegin()
	contigText("@move")
	contigField("gp", uintptr(unsafe.Pointer(gp)))
	contigText(" [")
	contigHex(uint64(old.lo))
	contigValue(old.hi - used)
	contigValue(old.hi)
	contigText("] -> [")
	contigHex(uint64(new.lo))
	contigValue(new.hi - used)
	contigValue(new.hi)
	contigText("]")
	contigRegisters(gp)
	contigText(" chans=")
	contigBool(gp.activeStackChans)
	contigThread()
	contigEnd()
	contigRecords(gp, '-')
	printunlock()
}

// contigBits writes a map of n bits as n/8 bytes, the first one first; zeroes at the end are left out.
func contigBits(data *byte, n uintptr) {
	bytes := (n + 7) / 8
	for bytes > 0 && *addb(data, bytes-1) == 0 {
		bytes--
	}
	for i := uintptr(0); i < bytes; i++ {
		b := *addb(data, i)
		if n-8*i < 8 {
			b &= 1<<(n-8*i) - 1
		}
		contigByte("0123456789abcdef"[b>>4])
		contigByte("0123456789abcdef"[b&15])
		if contigLine.n > contigFullLine && i+1 < bytes {
			contigByte('+')
			contigNextMap()
		}
	}
}

func contigNextMap() {
	contigThread()
	contigEnd()
	contigBegin()
	contigText("@map")
	contigByte(' ')
}

// contigMap writes one part of a line of maps: what it is, where it begins, its words, its bits.
func contigMap(kind string, at, words uintptr, data *byte) {
	if contigLine.n > contigFullLine-100 {
		contigNextMap()
	} else {
		contigByte(' ')
	}
	contigText(kind)
	contigByte(':')
	contigBase(uint64(at), 16)
	contigByte(':')
	contigNumber(uint64(words))
	contigByte(':')
	if data != nil {
		contigBits(data, words)
	}
}

// contigFunction writes a name, which may have blanks if it is an instance of a generic function.
func contigFunction(name string) {
	contigText(" fn=")
	for i := 0; i < len(name) && i < 200; i++ {
		if name[i] <= ' ' {
			contigByte('_')
		} else {
			contigByte(name[i])
		}
	}
}

func contigWord(at, n uintptr) uintptr {
	return *(*uintptr)(unsafe.Pointer(at + n*goarch.PtrSize))
}

// contigPlain: word n is not written in a large stack.
func contigPlain(old stack, before, after, n uintptr) bool {
	value := contigWord(before, n)
	return value == contigWord(after, n) && (value < old.lo || value > old.hi)
}

// contigSame is how many words from n on have equal values, before and after, or are not written.
func contigSame(old stack, before, after, n, end uintptr, plain bool) uintptr {
	k := n + 1
	for k < end && plain && contigPlain(old, before, after, k) {
		k++
	}
	for k < end && !plain && contigWord(before, k) == contigWord(before, n) &&
		contigWord(after, k) == contigWord(after, n) {
		k++
	}
	return k - n
}

func contigPair(before, after, count uintptr) {
	contigByte(' ')
	contigBase(uint64(before), 16)
	if after != before {
		contigByte('>')
		contigBase(uint64(after), 16)
	}
	if count > 1 {
		contigByte('*')
		contigNumber(uint64(count))
	}
}

// contigWords writes the words in use, of the old stack and of the new one.
func contigWords(old stack, before, after, used uintptr) {
	end := used / goarch.PtrSize
	for n := uintptr(0); n < end; {
		contigBegin()
		contigText("@words ")
		contigNumber(uint64(n))
		for n < end && contigLine.n < contigFullLine {
			plain := used > contigWholeBytes && contigPlain(old, before, after, n)
			count := contigSame(old, before, after, n, end, plain)
			if plain {
				contigText(" +")
				contigNumber(uint64(count))
			} else {
				contigPair(contigWord(before, n), contigWord(after, n), count)
			}
			n += count
		}
		contigThread()
		contigEnd()
	}
}

// contigDefer writes a deferred call; a value that this Go does not have is 0.
func contigDefer(d *_defer, sign byte, varp, panicking, fd uintptr) {
	contigBegin()
	contigText("@defer")
	contigByte(sign)
	contigValue(uintptr(unsafe.Pointer(d)))
	contigField("sp", d.sp)
	contigField("varp", varp)
	contigField("closure", *(*uintptr)(unsafe.Pointer(&d.fn)))
	contigField("panic", panicking)
	contigField("link", uintptr(unsafe.Pointer(d.link)))
	contigField("fd", fd)
	contigField("size", unsafe.Sizeof(*d))
	contigThread()
	contigEnd()
}

// contigSudog writes a channel operation that waits: its element, and the collector's copy of the pointer, if any.
func contigSudog(s *sudog, sign byte, element, copied, size uintptr) {
	contigBegin()
	contigText("@sudog")
	contigByte(sign)
	contigValue(uintptr(unsafe.Pointer(s)))
	contigField("elem", element)
	if copied != 0 {
		contigField("vp", copied)
	}
	contigField("size", size)
	contigThread()
	contigEnd()
}

// contigFrameBegins begins a frame; its addresses are those of the old stack.
func contigFrameBegins(frame *stkframe, delta uintptr) {
	contigBegin()
	contigText("@frame")
	contigValue(frame.pc)
	contigValue(frame.sp - delta)
	contigValue(frame.varp - delta)
	contigValue(frame.argp - delta)
	contigField("cont", frame.continpc)
}

// contigFrameEnds ends it with its name.
func contigFrameEnds(frame *stkframe) {
	contigThread()
	contigFunction(funcname(frame.fn))
	contigEnd()
}

// contigBitmaps writes the maps of locals and arguments; contigObjectAt is where an object of the frame is.
func contigBitmaps(frame *stkframe, delta uintptr, locals, args *bitvector) {
	contigBegin()
	contigText("@map")
	if locals.n > 0 {
		contigMap("l", frame.varp-uintptr(locals.n)*goarch.PtrSize-delta, uintptr(locals.n), locals.bytedata)
	}
	if args.n > 0 {
		contigMap("a", frame.argp-delta, uintptr(args.n), args.bytedata)
	}
}

func contigObjectAt(frame *stkframe, delta uintptr, off int32) uintptr {
	if off >= 0 {
		return frame.argp + uintptr(off) - delta
	}
	return frame.varp + uintptr(off) - delta
}

// contigMoveEnds is called when all is moved and the old stack is not yet freed.
func contigMoveEnds(gp *g, old, new stack, used uintptr) {
	if !contigBegin() {
		return
	}
	walk := contigWalk{delta: new.hi - old.hi}
	written := used <= contigMostBytes
	if written {
		contigFrames(gp, &walk)
		contigWords(old, old.hi-used, new.hi-used, used)
	}
	contigRecords(gp, '+')
	contigBegin()
	contigText("@moved")
	contigField("gp", uintptr(unsafe.Pointer(gp)))
	contigField("sp", gp.sched.sp)
	contigRegisters(gp)
	contigText(" frames=")
	contigNumber(uint64(walk.frames))
	contigText(" written=")
	contigBool(written)
	contigThread()
	contigEnd()
	printunlock()
}
