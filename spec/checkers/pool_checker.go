// pool_checker.go TRACE: are the stacks of a trace (spec/trace.md) allocated by the rules?  Apart from the C code.
// Rules: SIZE, SPAN, POOL, CACHE, LARGE, LIFE-1, GC-1, GC-2; where they leave a choice, a runtime may choose.  Exit
// status: 0 it conforms, 1 it deviates, 2 it cannot be read.  Go 1.19, no other package; pool_checker.py is its twin.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

// free: how many stacks are; emptied: when the last of them came
type block struct{ base, size, slot, free, emptied uint64 }

type stack struct { // state: free (in pool or queue), cached, held by an operation, or live
	of    *block
	state string
	cache uint64
}
type thread struct { // step: what it is in the middle of, with a cache and a stack
	step                                     string
	cache, address, size, taken, last, cycle uint64
	newSpan                                  bool
}
type key struct{ cache, size uint64 } // size 0: all sizes

const span = 32768

var (
	// Of each event: how many values; is the first an order, a number of pages, a size; fields that it must have.
	calls = map[string]string{"trace": "1-", "alloc": "2scm", "free": "2scm", "refill": "1ocm", "release": "1-cm",
		"clear": "0-cm", "phase": "1-", "freespans": "0-m", "pool-": "2om", "pool+": "2om", "span+": "2om", "span-": "2om",
		"large+": "2pm", "large-": "2pm", "largeq": "2pm", "largehit": "2pm"}
	others = " scan startsize go dead grow overflow preempt shrink noshrink copy maxstack "
	moves  = " move defer- sudog- frame map words defer+ sudog+ moved "
	// What may follow in the middle of an operation, and which rule says so; what only an operation causes.
	steps = map[string][2]string{"refill": {"pool- span+ alloc", "CACHE-3"}, "pool gave": {"alloc", "POOL-4"},
		"large taken": {"alloc", "SIZE-4"}, "full": {"release", "CACHE-4"}, "release": {"pool+", "CACHE-4"},
		"free small": {"pool+", "POOL-4"}, "free large": {"large- largeq", "LARGE-4"}, "clear": {"pool+", "CACHE-5"}}
	within  = map[string]string{"pool+": "POOL-4", "largeq": "LARGE-4", "release": "CACHE-4"}
	aligned = map[string]uint64{"": 8192, "1.12": 8192, "1.19": 8192, "1.27": 8192, "contig": 32768}

	fixed, orders, page         = uint64(2048), uint64(4), uint64(8192)
	bases, blocks, stacks       = []uint64{}, map[uint64]*block{}, map[uint64]*stack{}
	threads, pool, since        = map[uint64]*thread{}, map[uint64]uint64{}, map[uint64]uint64{} // pool, since: by size
	cached                      = map[key]uint64{}
	events, phase, cycle, swept uint64
)

func need(holds bool, rule, expected string) {
	if !holds {
		panic(rule + ": expected " + expected)
	}
}
func pick(first bool, one, other string) string {
	if first {
		return one
	}
	return other
}
func pooled(size uint64) bool { return size < span && size < fixed<<orders }
func power(size uint64) bool  { return size != 0 && size&(size-1) == 0 }
func place(base uint64) int {
	return sort.Search(len(bases), func(i int) bool { return bases[i] >= base })
}
func come(rule string, base, size, slot uint64) {
	need(base%page == 0 && base != 0 && size < -base, rule, fmt.Sprintf("a multiple of %d", page))
	i := place(base + size)
	need(i == 0 || bases[i-1]+blocks[bases[i-1]].size <= base, "SPAN-1", "memory that is not in use")
	bases = append(bases[:i], append([]uint64{base}, bases[i:]...)...)
	blocks[base] = &block{base, size, slot, size / slot, events}
	for address := base; address-base < size; address += slot {
		stacks[address] = &stack{blocks[base], "free", 0}
	}
}
func forget(b *block) {
	bases = append(bases[:place(b.base)], bases[place(b.base)+1:]...)
	for address := b.base; address-b.base < b.size; address += b.slot {
		delete(stacks, address)
	}
	delete(blocks, b.base)
}
func put(cache, size, address uint64) {
	cached[key{cache, size}]++
	cached[key{cache, 0}]++
	stacks[address].state, stacks[address].cache = "cached", cache
}
func take(rule string, cache, size uint64, s *stack) {
	need(s != nil && s.state == "cached" && s.cache == cache && s.of.slot == size, rule, "a stack of the cache")
	cached[key{cache, size}]--
	cached[key{cache, 0}]--
}
func complete(now bool) { // what was idle when @freespans began has gone
	idle := map[bool]bool{}
	for _, b := range blocks {
		idle[pooled(b.slot)] = idle[pooled(b.slot)] || now && b.free*b.slot == b.size && b.emptied < swept
	}
	need(!idle[true], "SPAN-5", "every empty span given back")
	need(!idle[false], "LARGE-5", "every queued stack given back")
}
func follows(t *thread, name string) {
	need(!t.newSpan || name == "pool-", "SPAN-2", "a stack of the new span given")
	if t.step == "freespans" && name != "span-" && name != "large-" {
		t.step = ""
		complete(t.cycle == cycle)
	}
	if t.step == "release" && t.taken > 0 && name != "pool+" && name != "span-" {
		t.step = ""
	}
	next, inside := steps[t.step]
	need(!inside || name == "span-" || strings.Contains(" "+next[0]+" ", " "+name+" "), next[1], "one of "+next[0])
	need(inside || within[name] == "", within[name], "an operation that leads to it")
}
func size(form byte, first uint64) uint64 {
	need(form != 'o' || first < orders && pooled(fixed<<first), "SIZE-2", "the order of a pooled size")
	need(form != 'p' || power(first) && first < 1<<51 && !pooled(first<<13), "SIZE-4", "pages of a large stack")
	need(form != 's' || power(first) && first >= fixed, "SIZE-1", "the size of a stack")
	return map[byte]uint64{'o': fixed << first, 'p': first << 13, 's': first}[form]
}
func apply(t *thread, name string, n, first, address, c uint64) { // n: bytes
	s, small, inside := stacks[address], pooled(n), steps[t.step][0] != ""
	freed := t.step == "free large" && t.address == address
	switch name {
	case "alloc":
		if c != 0 && small {
			need(!inside || t.step == "refill", "CACHE-1", "the allocation of the stack just taken")
			need(!inside || t.cache == c && t.size == n && t.taken > 0, "CACHE-3", "the allocation that the refill serves")
			take("CACHE-1", c, n, s)
		} else {
			just := t.step == pick(small, "pool gave", "large taken") && t.address == address && t.size == n
			need(just, pick(small, "POOL-4", "SIZE-4"), "a stack just taken for it")
		}
		t.step, s.state = "", "live"
	case "free":
		need(s != nil && s.state == "live" && s.of.slot == n, "LIFE-1", "a stack of this size that is in use")
		s.state, t.address, t.size, t.cache = "held", address, n, c
		t.step = pick(!small, "free large", pick(c == 0, "free small", "full"))
		if t.step == "full" && cached[key{c, n}]*n < span {
			t.step = ""
			put(c, n, address)
		}
	case "refill":
		need(c != 0 && cached[key{c, n}] == 0, "CACHE-3", "an allocation from the cache")
		t.step, t.cache, t.size, t.taken = "refill", c, n, 0
	case "release":
		need(t.step == "full" && t.cache == c && t.size == fixed<<first, "CACHE-4", "no release but of a cache found full")
		t.step, t.taken = "release", 0
		put(c, t.size, t.address)
	case "clear":
		t.cache, t.step = c, pick(cached[key{c, 0}] > 0, "clear", "")
	case "span+", "large+":
		need(pool[n] == 0 || !small && since[n] > t.last, pick(small, "SPAN-2", "LARGE-3"), "a free stack of this size")
		need(t.step != "refill" || t.size == n, "SPAN-2", "a span for the refill")
		come(pick(small, "SIZE-3", "SIZE-4"), address, map[bool]uint64{true: span, false: n}[small], n)
		if pool[n] += blocks[address].free; small {
			t.newSpan = true
			return
		}
		s = stacks[address]
		fallthrough
	case "pool-", "largehit":
		need(s != nil && s.state == "free" && s.of.slot == n, pick(small, "POOL-1", "LARGE-1"), "a free stack of this size")
		t.newSpan, s.state = false, "held"
		s.of.free--
		pool[n]--
		if t.step == "refill" {
			need(t.size == n, "CACHE-3", "a stack of the size that is refilled")
			need(cached[key{t.cache, n}]*n < span, "CACHE-2", "the end of the refill of a full cache")
			t.taken++
			put(t.cache, n, address)
		} else {
			t.step, t.address, t.size = pick(small, "pool gave", "large taken"), address, n
		}
	case "pool+", "largeq":
		if t.step == "release" || t.step == "clear" {
			need(t.step == "clear" || t.size == n, "CACHE-4", "a stack of the size that is released")
			take(pick(t.step == "clear", "CACHE-5", "CACHE-4"), t.cache, n, s)
			t.taken++
			t.step = pick(t.step == "clear" && cached[key{t.cache, 0}] == 0, "", t.step)
		} else {
			just := t.address == address && t.size == n && (small || phase != 0)
			need(just, pick(small, "POOL-3", "LARGE-4"), "the stack just freed, queued only in a collection")
			t.step = ""
		}
		since[n] = map[bool]uint64{true: events, false: since[n]}[pool[n] == 0]
		pool[n]++
		s.of.free++
		s.state, s.of.emptied = "free", events
	case "span-", "large-":
		idle := s != nil && s.of.base == address && s.of.slot == n && phase == 0 &&
			(freed || s.of.free*n == s.of.size && (small || t.step == "freespans"))
		need(idle, pick(small, "SPAN-4", "LARGE-4"), "what is free as a whole, while no collection runs")
		t.step = pick(freed, "", t.step)
		pool[n] -= s.of.free
		forget(s.of)
	case "freespans":
		swept, t.step, t.cycle = events, "freespans", cycle
	case "phase":
		need(first == (phase+1)%3, "GC-1", "the phases 0, 1, 2, 0")
		phase, cycle = first, cycle+first&1
		complete(first == 1)
	}
}
func number(text string) uint64 {
	digits := strings.TrimPrefix(text, "0x")
	n, err := strconv.ParseUint(digits, map[bool]int{true: 16, false: 10}[digits != text], 64)
	need(err == nil, "unreadable", "a number of at most 64 bits")
	return n
}
func header(version uint64, profile string, f map[string]uint64) {
	need(events == 1 && version == 1 && aligned[profile] != 0, "unreadable", "a known version and profile, first")
	page = aligned[profile]
	for field, to := range map[string]*uint64{"fixed": &fixed, "orders": &orders, "page": &page} {
		if value, is := f[field]; is {
			*to = value
		}
	}
	good := power(fixed) && fixed >= 1024 && fixed <= span && orders <= 4 && page > 0 && page <= 1<<30
	need(good, "unreadable", "numbers of a header that are in range")
}
func event(line string) bool { // whether it is one
	parts := strings.Split(strings.TrimSuffix(line, "\r"), " ")
	name := strings.TrimPrefix(parts[0], "@")
	if name == parts[0] || strings.HasPrefix(name, "x-") || strings.Contains(moves, " "+name+" ") {
		return false
	}
	call, known := calls[name]
	known = known || strings.Contains(others, " "+name+" ")
	need(known && len(line) <= 1000, "unreadable", "a known event, up to 1000 bytes")
	v, f, profile := []uint64{}, map[string]uint64{}, ""
	for _, part := range parts[1:] {
		field, value, is := strings.Cut(part, "=")
		if _, twice := f[field]; is && strings.Contains(" c m ph fixed orders page ", " "+field+" ") {
			need(!twice, "unreadable", "each field once")
			f[field] = number(value)
		} else if is && field == "profile" {
			profile = value
		} else if !is && call != "" {
			v = append(v, number(part))
		}
	}
	_, hasCache := f["c"]
	m, hasThread := f["m"]
	fields := (hasCache || !strings.Contains(call, "c")) && (hasThread || !strings.Contains(call, "m"))
	need(fields && (call == "" || len(v) == int(call[0]-'0')), "unreadable", "the values and fields of the event")
	events++
	ph, hasPhase := f["ph"]
	need(!hasPhase || ph == phase, "GC-2", "the phase that the trace is in")
	if threads[m] == nil {
		threads[m] = &thread{}
	}
	if hasThread {
		follows(threads[m], name)
	}
	if v = append(v, 0, 0); name == "trace" {
		header(v[0], profile, f)
	} else if call != "" {
		apply(threads[m], name, size(call[1], v[0]), v[0], v[1], f["c"])
	}
	threads[m].last = events
	return name != "trace"
}
func check(lines []string) (verdict string, status int) {
	at, seen := 0, false
	defer func() {
		if wrong, is := recover().(string); is {
			found := regexp.MustCompile("[^ -~]").ReplaceAllString(lines[at], "?")
			verdict = fmt.Sprintf("line %d: %s; found %s", at+1, wrong, found)
			status = map[bool]int{true: 2, false: 1}[strings.HasPrefix(wrong, "unreadable")]
		}
	}()
	for at = range lines[:len(lines)-1] {
		seen = event(lines[at]) || seen
	}
	at = len(lines) - 1
	need(lines[at] == "" && seen, "unreadable", "an event, and a newline at the end")
	return fmt.Sprintf("conforms: %d lines, %d events", at, events), 0
}
func main() {
	signal.Ignore(syscall.SIGPIPE) // a closed pipe is an error of the write
	name, verdict, status := strings.Join(os.Args[1:], " "), "usage: pool_checker TRACE (or -)", 2
	if len(os.Args) == 2 {
		text, err := os.ReadFile(pick(name == "-", "/dev/stdin", name))
		if verdict, status = fmt.Sprint(err), 2; err == nil {
			verdict, status = check(strings.Split(string(text), "\n"))
		}
	}
	to := map[bool]*os.File{true: os.Stderr, false: os.Stdout}[status == 2]
	if _, err := fmt.Fprintln(to, verdict); err != nil {
		fmt.Fprintln(os.Stderr, "pool_checker:", err)
		status = 2
	}
	os.Exit(status)
}
