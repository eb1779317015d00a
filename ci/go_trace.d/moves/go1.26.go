// go1.26.go: how Go 1.26 and 1.27 say what a stack holds.  common.go has the rest.
package runtime

import (
	"internal/abi"
	"internal/goarch"
	"unsafe"
)

// What the frames of a move have in common.
type contigWalk struct {
	delta  uintptr
	frames uintptr
}

// contigRecords writes all that refers to the stack from outside; sign says whether before or after the move.
func contigRecords(gp *g, sign byte) {
	for d := gp._defer; d != nil; d = d.link {
		contigDefer(d, sign, 0, 0, 0)
	}
	for s := gp.waiting; s != nil; s = s.waitlink {
		// One that waits for a semaphore has no channel, and no slot.
		size := uintptr(0)
		if c := s.c.get(); c != nil {
			size = uintptr(c.elemsize)
		}
		contigSudog(s, sign, s.elem.vu, uintptr(s.elem.vp), size)
	}
}

func contigMaps(frame *stkframe, walk *contigWalk) {
	locals, args, objects := frame.getStackMap(false)
	contigBitmaps(frame, walk.delta, &locals, &args)
	for i := range objects {
		object := &objects[i]
		bytes, data := object.gcdata()
		contigMap("o", contigObjectAt(frame, walk.delta, object.off), bytes/goarch.PtrSize, data)
	}
	contigThread()
	contigEnd()
}

// contigFrameOf writes one frame.
func contigFrameOf(frame *stkframe, walk *contigWalk) {
	walk.frames++
	contigFrameBegins(frame, walk.delta)
	if frame.fn.args == abi.ArgsSizeUnknown {
		if _, dynamic := frame.argMapInternal(); dynamic {
			contigText(" dynamic=true")
		}
	}
	contigFrameEnds(frame)
	if frame.continpc != 0 {
		contigMaps(frame, walk)
	}
}

// contigFrames writes the frames, innermost first.
func contigFrames(gp *g, walk *contigWalk) {
	var u unwinder
	for u.init(gp, 0); u.valid(); u.next() {
		contigFrameOf(&u.frame, walk)
	}
}
