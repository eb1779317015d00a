package main

import "runtime"

func spawnRounds(atOnce, rounds int, ran *int) {
	for i := 0; i < rounds; i++ {
		for j := 0; j < atOnce; j++ {
			go func() { *ran++ }()
		}
		runtime.Gosched()
	}
}

func measureSpawn(atOnce, rounds int) {
	ran := 0
	spawnRounds(atOnce, 10, &ran)
	begin := processorTime()
	spawnRounds(atOnce, rounds, &ran)
	result("ns", (processorTime()-begin)/float64(atOnce*rounds))
	for i := 0; ran < atOnce*(rounds+10) && i < 1000; i++ {
		runtime.Gosched()
	}
	if ran != atOnce*(rounds+10) {
		fail("a goroutine did not run")
	}
}
