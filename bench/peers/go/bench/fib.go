package main

//go:noinline
func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func fibCalls(n int) float64 {
	before, calls := 1.0, 1.0
	for i := 2; i <= n; i++ {
		before, calls = calls, before+calls+1
	}
	return calls
}

func measureFib(n int) {
	begin := processorTime()
	fib(n)
	result("ns", (processorTime()-begin)/fibCalls(n))
}
