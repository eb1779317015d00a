// go1.19.go: how Go 1.19 says what a stack holds.  common.go has the rest.
package runtime

import (
	"internal/goarch"
	"unsafe"
)

// What the frames of a move have in common.
type contigWalk struct {
	delta  uintptr
	frames uintptr
	cache  pcvalueCache
}

// contigRecords writes all that refers to the stack from outside; sign says whether before or after the move.
func contigRecords(gp *g, sign byte) {
	for d := gp._defer; d != nil; d = d.link {
		contigDefer(d, sign, d.varp, uintptr(unsafe.Pointer(d._panic)), uintptr(d.fd))
	}
	for s := gp.waiting; s != nil; s = s.waitlink {
		contigSudog(s, sign, uintptr(s.elem), 0, uintptr(s.c.elemsize))
	}
}

func contigMaps(frame *stkframe, walk *contigWalk) {
	locals, args, objects := getStackMap(frame, &walk.cache, false)
	contigBitmaps(frame, walk.delta, &locals, &args)
	for i := range objects {
		object := &objects[i]
		at := contigObjectAt(frame, walk.delta, object.off)
		if object.useGCProg() {
			contigMap("g", at, object.ptrdata()/goarch.PtrSize, nil)
		} else {
			contigMap("o", at, object.ptrdata()/goarch.PtrSize, object.gcdata())
		}
	}
	contigThread()
	contigEnd()
}

// contigFrameOf writes one frame.
func contigFrameOf(frame *stkframe, arg unsafe.Pointer) bool {
	walk := (*contigWalk)(arg)
	special := frame.fn.funcID == funcID_systemstack_switch
	walk.frames++
	contigFrameBegins(frame, walk.delta)
	if special {
		contigText(" bare=true")
	}
	if frame.argmap != nil {
		contigText(" dynamic=true")
	}
	contigFrameEnds(frame)
	if frame.continpc != 0 && !special {
		contigMaps(frame, walk)
	}
	return true
}

// contigFrames writes the frames, innermost first.
func contigFrames(gp *g, walk *contigWalk) {
	gentraceback(^uintptr(0), ^uintptr(0), 0, gp, 0, nil, 0x7fffffff, contigFrameOf, noescape(unsafe.Pointer(walk)), 0)
}
